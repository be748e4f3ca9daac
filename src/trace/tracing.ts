import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { ChannelResult } from '../delivery/channel.js';
import type { QueueItem } from '../acceptance/ports.js';
import type { Message } from '../message/message.js';
import type { ArrivalTrace, Identified } from '../message/stages.js';
import { traceIn, type TraceContext } from '../message/trace-context.js';
import type { QueryItem } from '../query/ports.js';

/** One call of a receiver or provider, below what it is a part of. */
export interface CallTrace {
  /** What the call carries. */
  readonly context: TraceContext;
  /** `fault`: its code, where the call has failed. */
  end(told: { readonly status: number | null; readonly fault?: string }): void;
}

/** OpenTelemetry spans of the way of a message; the context goes on with it also where nobody takes the spans (ADR 0022). */
export interface Tracing {
  arrival(identified: Identified): ArrivalTrace;
  delivery(item: QueueItem, attempt: number): CallTrace;
  question(item: QueryItem): CallTrace;
}

const nothing = () => undefined;

/** No spans: what the sender gave goes on as it came, so that its trace has no gap. */
export const untraced: Tracing = {
  arrival: ({ headers }) => ({ carry: (_message, origin) => own(headers, origin), end: nothing }),
  delivery: ({ message }) => ({ context: traceIn(message.headers), end: nothing }),
  question: ({ message }) => ({ context: traceIn(message.headers), end: nothing }),
};

/** The request's own context comes before the one that its event was born with (CloudEvents, "Distributed Tracing"). */
function own(headers: Identified['headers'], origin: TraceContext | undefined): TraceContext {
  const given = traceIn(headers);
  return given.traceparent === undefined && origin ? traceIn({ ...origin }) : given;
}

export function createTracing(tracer: Tracer): Tracing {
  return {
    arrival: (identified) => arrivalTrace(tracer, identified),
    delivery: ({ message, delivery, deliveryId }, attempt) =>
      callTrace(tracer, `deliver ${message.service}`, message, {
        'crocevia.delivery.id': deliveryId,
        'crocevia.delivery.kind': delivery.kind,
        'crocevia.attempt': attempt,
        ...receiverOf(delivery.receiver),
      }),
    question: ({ message, receiver }) => callTrace(tracer, `ask ${message.service}`, message, receiverOf(receiver)),
  };
}

/** The receiver's span of a call ends it, and the fault of a try is the delivery's. */
export const endOf = ({ attempt, fault }: ChannelResult) => ({
  status: attempt.status,
  ...(fault && { fault: fault.code }),
});

const receiverOf = ({ participant, system }: Message['sender']): Attributes => ({
  'crocevia.receiver': participant,
  'crocevia.receiver.system': system,
});

const factsOf = ({ id, correlationId, service, version, operation, profile }: Message): Attributes => ({
  'messaging.message.id': id,
  'messaging.message.conversation_id': correlationId,
  'crocevia.service': service,
  'crocevia.version': version,
  'crocevia.operation': operation,
  'crocevia.profile': profile,
});

const w3c = new W3CTraceContextPropagator();
const contextFrom = (given: TraceContext) => w3c.extract(ROOT_CONTEXT, given, defaultTextMapGetter);

function contextOf(span: Span): TraceContext {
  const carrier: Record<string, string> = {};
  w3c.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
  return carrier;
}

/** The span begins when it is known whose child it is, with the time at which the request came. */
function arrivalTrace(tracer: Tracer, { headers, arrivedAt, door, caller, clock }: Identified): ArrivalTrace {
  let span: Span | null = null;
  const attributes = {
    'crocevia.door': door,
    'crocevia.sender': caller.participant,
    'crocevia.sender.system': caller.system,
  };
  const begin = (origin?: TraceContext) =>
    (span ??= tracer.startSpan(
      'receive',
      { kind: SpanKind.SERVER, startTime: arrivedAt, attributes },
      contextFrom(own(headers, origin)),
    ));
  return {
    carry: (message, origin) =>
      contextOf(begin(origin).updateName(`receive ${message.service}`).setAttributes(factsOf(message))),
    end: (status) => {
      const ended = begin().setAttribute('http.response.status_code', status);
      if (status >= 500) ended.setStatus({ code: SpanStatusCode.ERROR });
      let at = arrivedAt.getTime();
      for (const { station, ms } of clock.marks) if (!station.includes(':')) ended.addEvent(station, (at += ms));
      ended.end();
    },
  };
}

function callTrace(tracer: Tracer, name: string, message: Message, attributes: Attributes): CallTrace {
  const parent = contextFrom(traceIn(message.headers));
  const span = tracer.startSpan(
    name,
    { kind: SpanKind.CLIENT, attributes: { ...factsOf(message), ...attributes } },
    parent,
  );
  return {
    context: contextOf(span),
    end: ({ status, fault }) => {
      if (status !== null) span.setAttribute('http.response.status_code', status);
      if (fault) span.setAttribute('error.type', fault).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
