import { DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ControlController } from './admin/control.controller.js';
import { EventsController } from './admin/events.controller.js';
import { HealthController, NodeController } from './admin/health.controller.js';
import { MaintenanceController } from './admin/maintenance.controller.js';
import { MessageSearchController } from './admin/message-search.controller.js';
import { DeliveryContentController } from './admin/delivery-content.controller.js';
import { MessagesController } from './admin/messages.controller.js';
import { OperatorGuard } from './admin/operator.guard.js';
import { PlainValuesPipe } from './admin/plain-values.pipe.js';
import { ADMIN_PARTS, type AdminParts } from './admin/ports.js';
import { AgreementsController } from './admin/agreements.controller.js';
import { DocumentTextController } from './admin/document-text.controller.js';
import { RegistryDocumentsController } from './admin/registry-documents.controller.js';
import { RehearsalController } from './admin/rehearsal.controller.js';
import { RegistryTransferController } from './admin/registry-transfer.controller.js';
import { DeliveriesController } from './admin/deliveries.controller.js';
import { DeliverySearchController } from './admin/delivery-search.controller.js';
import { KeysController } from './admin/keys.controller.js';
import { JobsController } from './admin/jobs.controller.js';
import { QueuesController } from './admin/queues.controller.js';
import { CertificatesController } from './admin/certificates.controller.js';
import { ClientCertificatesController } from './admin/client-certificates.controller.js';
import { CorrectionsController } from './admin/corrections.controller.js';
import { ReportSchedulesController } from './admin/report-schedules.controller.js';
import { ReportsController } from './admin/reports.controller.js';
import { SituationController } from './admin/situation.controller.js';
import { ParticipantsController } from './admin/participants.controller.js';
import { SystemController } from './admin/system.controller.js';
import { SystemsController } from './admin/systems.controller.js';
import { DirectoryController } from './admin/directory.controller.js';
import { TestMessagesController } from './admin/test-messages.controller.js';
import { RoutesController } from './admin/routes.controller.js';
import { ServiceVersionsController } from './admin/service-versions.controller.js';
import { ServicesController } from './admin/services.controller.js';
import { AccountController } from './admin/account.controller.js';
import { FiltersController } from './admin/filters.controller.js';
import { AlertsController } from './admin/alerts.controller.js';
import { AuditController } from './admin/audit.controller.js';
import { OidcController } from './admin/oidc.controller.js';
import { OperatorsController } from './admin/operators.controller.js';
import { OperatorAccountsController } from './admin/operator-accounts.controller.js';
import { SessionController } from './admin/session.controller.js';
import { BrokerController, RegistryController } from './admin/registry.controller.js';

/** The Nest shell: operators' API, health and control events. Nothing on a message's path is a provider here. */
@Module({})
export class AppModule {
  static around(parts: AdminParts, isAdmin: boolean): DynamicModule {
    const operators = isAdmin
      ? [
          NodeController,
          SystemController,
          MaintenanceController,
          MessageSearchController,
          MessagesController,
          DeliveryContentController,
          DeliveriesController,
          DeliverySearchController,
          JobsController,
          EventsController,
          SituationController,
          QueuesController,
          ReportsController,
          ReportSchedulesController,
          CorrectionsController,
          CertificatesController,
          ClientCertificatesController,
          RegistryController,
          RegistryDocumentsController,
          DocumentTextController,
          RegistryTransferController,
          AgreementsController,
          ParticipantsController,
          SystemsController,
          TestMessagesController,
          DirectoryController,
          ServicesController,
          ServiceVersionsController,
          RoutesController,
          RehearsalController,
          BrokerController,
          KeysController,
          SessionController,
          AccountController,
          FiltersController,
          OidcController,
          OperatorsController,
          OperatorAccountsController,
          AuditController,
          AlertsController,
        ]
      : [];
    return {
      module: AppModule,
      controllers: [HealthController, ControlController, ...operators],
      providers: [
        { provide: ADMIN_PARTS, useValue: parts },
        { provide: APP_GUARD, useClass: OperatorGuard },
        { provide: APP_PIPE, useClass: PlainValuesPipe },
      ],
    };
  }
}
