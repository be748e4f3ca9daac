const CHI_RIPETE = 'Il gateway rinvia un messaggio da sé; chi ha posto una domanda la ripete';
const STESSO_ID = 'Ripetere il messaggio con lo stesso identificativo dopo il tempo indicato in Retry-After';

/** What the reader of a fault should do, in Italian, by its code: what `remedy` of its kind says in English. */
export const ITALIAN_REMEDIES = {
  // who is calling, and what an operator asks
  'credentials-missing':
    'Inviare un token di accesso, una chiave API, credenziali HTTP Basic o un certificato client TLS registrato.',
  'credentials-wrong': 'Verificare la chiave o la password con l’ente che ha registrato il sistema.',
  'credentials-expired':
    'Usare la credenziale che la sostituisce, o chiederne una all’ente che ha registrato il sistema.',
  'token-wrong': 'Chiedere un nuovo token a POST /oauth/token, o all’emittente registrato per il sistema.',
  'token-expired':
    'Chiedere un nuovo token e rinviare la richiesta; se il token è nuovo, controllare l’orologio del sistema.',
  'certificate-revoked':
    'Ottenere un nuovo certificato dall’autorità e farlo registrare, dove è riconosciuto dall’impronta.',
  'client-wrong':
    'Confrontare con il sistema registrato client id e secret, oppure chiave, destinatario e tempi dell’asserzione.',
  'token-request-wrong':
    'Inviare grant_type=client_credentials come form; docs/protocols/identity.md ha le righe di curl.',
  'grant-unsupported': 'Inviare grant_type=client_credentials: per i sistemi non c’è altro grant.',
  'scope-unsupported': 'Omettere scope: ciò che un sistema può chiamare sta nei suoi accordi.',
  'credentials-repeated': 'Inviare una sola credenziale, una sola volta.',
  'document-unknown': 'Usare tipo, identificativo e versione di un documento elencato nel registro.',
  'document-changed': 'Rileggere il documento e ripetere la modifica con il suo ETag.',
  'precondition-missing': 'Inviare If-Match con l’ETag del documento letto, o If-None-Match: * per uno nuovo.',
  'private-key-sent':
    'Inviare il solo certificato. Una chiave privata uscita dal suo sistema non è più segreta: farne una nuova, con un nuovo certificato.',
  'certificate-unfit':
    'Esaminarlo prima: POST /admin/systems/{id}/certificates/check dice che cosa vi si oppone; nulla è stato modificato.',
  'registry-refused': 'Correggere ogni problema elencato; nulla è stato modificato.',
  'agreement-state-wrong': 'Guardare lo stato dell’accordo; uno revocato va chiesto di nuovo.',
  'operator-unknown':
    'Inviare Authorization: Bearer con CROCEVIA_ADMIN_TOKEN o {id}.{secret} di un operatore del registro.',
  'log-in-refused':
    'Verificare nome, password e, se attivato, il codice del secondo fattore; la piattaforma può dare una nuova prima password.',
  'log-in-throttled': 'Attendere il tempo indicato in Retry-After.',
  'csrf-token-wrong': 'Inviare X-CSRF-Token con il csrfToken di GET /admin/session, da una pagina di questo gateway.',
  'password-change-due': 'Impostare una password propria: PUT /admin/session/password.',
  'password-refused':
    'Scegliere una password più lunga e diversa dal proprio nome: 15 caratteri, o 8 con un secondo fattore.',
  'issuer-away': 'Riprovare più tardi; gli accessi locali e i token continuano a valere.',
  'operator-not-allowed': 'Chiedere a chi gestisce la piattaforma un ruolo o un ambito che lo comprenda.',
  'sender-mismatch': 'Il mittente indicato nel messaggio deve essere l’ente che si è autenticato.',
  'reply-to-refused':
    'Registrare l’indirizzo tra i callbacks: del proprio sistema, o omettere X-ReplyTo e ritirare la risposta.',
  'not-authorised': 'Chiedere all’erogatore un accordo su questo servizio e su questa azione.',
  'agreement-suspended': 'Attendere che l’erogatore riattivi l’accordo, poi rinviare.',
  'participant-suspended': 'Chiederne il motivo a chi segue l’ente; rinviare quando sarà riattivato.',
  'intake-paused':
    'Conservare il messaggio e rinviarlo più tardi: un operatore ha sospeso ciò che questo accordo prende in carico.',
  'agreement-not-in-force': 'Inviare entro le date di validità dell’accordo.',
  'rate-limited': 'Attendere il tempo indicato in Retry-After; la risposta dice quale limite, e di chi.',
  'too-many-attempts': 'Correggere la credenziale e attendere il tempo indicato in Retry-After.',
  'service-retired': 'Usare una versione più recente del servizio.',

  // the request as bytes
  'route-unknown':
    'Usare /soap/{ente}/v{n}/{servizio}, /rest/{ente}/v{n}/{servizio}/..., /fanout/... allo stesso modo, o /messages.',
  'method-not-allowed': 'Usare un metodo elencato nell’intestazione Allow.',
  'media-type-unsupported': 'Inviare uno dei tipi di contenuto elencati nell’errore.',
  'encoding-wrong': 'Codificare i byte come dicono la dichiarazione e Content-Type; meglio UTF-8.',
  'digest-mismatch': 'Rinviare il contenuto con l’impronta dei byte così come sono inviati (RFC 9530).',
  'consumer-gone': 'Chiedere di nuovo e attendere la risposta, o chiedere un’attesa più breve con Prefer: wait.',
  'too-large': 'Restare sotto il limite del servizio, o inviare un riferimento al documento.',
  'request-timeout': 'Inviare l’intera richiesta entro il tempo limite.',
  'not-well-formed': 'Correggere il documento alla riga indicata.',
  'dtd-forbidden': 'Togliere il DOCTYPE: i messaggi non portano DTD né dichiarazioni di entità.',
  'too-deep': 'Ridurre l’annidamento del documento alla profondità indicata nell’errore.',
  'too-complex': 'Inviare meno elementi, attributi o parti del limite indicato nell’errore.',
  'mime-malformed':
    'Inviare multipart/related con un boundary, una parte radice e un Content-ID per ogni parte (RFC 2387).',

  // the envelope
  'envelope-malformed': 'Inviare una Envelope con al più un Header e un Body con un solo elemento.',
  'soap-version-mismatch':
    'Usare il namespace della busta SOAP 1.1 o 1.2 con il tipo di contenuto che gli corrisponde.',
  'header-not-understood': 'Omettere il blocco di intestazione, o il suo mustUnderstand.',
  'event-malformed': 'Indicare specversion 1.0, id, source e type (CloudEvents 1.0 §3.1).',
  'message-id-missing': 'Inviare wsa:MessageID, un’intestazione Idempotency-Key o un id CloudEvents.',
  'message-id-malformed': 'Usare da 1 a 255 caratteri visibili, e lo stesso identificativo ovunque sia ripetuto.',
  'duplicate-conflict': 'Dare a un messaggio nuovo un identificativo nuovo; ripetere un messaggio con gli stessi byte.',

  // where to
  'participant-unknown': 'Usare il codice IPA di un ente di questo gateway.',
  'service-unknown': 'Usare un servizio erogato da questo ente.',
  'version-unknown': 'Usare una delle versioni elencate nell’errore.',
  'operation-unknown': 'Usare un’azione dell’interfaccia pubblicata.',
  'operation-ambiguous':
    'SOAPAction, parametro action, wsa:Action ed elemento del corpo devono indicare la stessa azione.',
  'receiver-unknown': 'Indirizzare un ente con cui esiste un accordo.',
  'receiver-mismatch': 'Il destinatario indicato nel messaggio deve essere quello a cui è indirizzato.',
  'fan-out-unsupported':
    'Interrogare ogni ente a /rest/...; a più enti si rivolgono domande GET o POST, in JSON se il contenuto nomina il destinatario.',
  'fan-out-too-wide': 'Interrogare uno alla volta gli enti sottostanti: ciascuno ne ha meno sotto di sé.',
  'no-subscriber': 'Indicare un destinatario, o attendere un accordo che sottoscriva il tipo.',
  'profile-unsupported': 'Un evento non può portare una domanda; chiedere via SOAP o REST.',

  // the body
  'schema-violation': 'Correggere ogni errore elencato: sono dati il percorso, la riga e ciò che è atteso.',
  'schema-missing': 'L’operatore deve pubblicare uno schema per questa azione in questo formato.',
  'validation-timeout': 'Inviare un documento più piccolo o più semplice.',

  // later look-ups, and the gateway itself
  'certificate-status-unknown':
    'Riprovare più tardi; chi gestisce il gateway rinnova la lista di revoca o verifica il servizio OCSP.',
  'issuer-unavailable':
    'Riprovare più tardi, o usare un token del gateway stesso; chi gestisce il gateway vede il motivo nel log.',
  'message-unknown': 'Usare un identificativo dato da questo gateway al proprio sistema.',
  'content-purged':
    'I suoi giorni sono passati (vedi la conservazione in docs/operations.md); inviare un nuovo messaggio, se serve ancora.',
  'answer-pending': 'Chiedere di nuovo più tardi alla risorsa di stato, che porta alla risposta quando c’è.',
  'question-unknown':
    'Rispondere al nodo che ha consegnato la domanda, come lo stesso sistema; vedi docs/protocols/questions.md.',
  'question-expired': 'Nessuno attende più questa risposta; rispondere prima di X-Deadline.',
  'delivery-state-wrong':
    'Riguardare il messaggio: ciò che è consegnato si rinvia solo con again=true, e si annulla solo ciò che è in attesa.',
  'alert-unknown':
    'Usare un identificativo che GET /admin/alerts o GET /admin/alerts/rules elenca per questo operatore.',
  'alert-state-wrong': 'Una segnalazione risolta è chiusa; guardare GET /admin/alerts?state=open.',
  'report-schedule-unknown': 'Usare un identificativo che GET /admin/report-schedules elenca per questo operatore.',
  'report-schedule-limit': 'Eliminarne uno che nessuno legge più.',
  'mail-missing': 'Chi gestisce il gateway imposta CROCEVIA_SMTP_URL, CROCEVIA_ALERT_FROM e CROCEVIA_ALERT_TO.',
  'mail-not-taken':
    'Guardare la risposta del server di posta: gli indirizzi possono essere errati, o il server assente.',
  'job-unknown': 'Usare l’identificativo di una rielaborazione che GET /admin/jobs elenca per questo operatore.',
  'job-state-wrong':
    'Riguardare la rielaborazione: in corso si può sospendere, sospesa riprendere, conclusa solo leggere.',
  'correction-unknown':
    'Usare un identificativo elencato da GET /admin/corrections; la correzione deve rientrare nell’ambito dell’operatore.',
  'correction-state-wrong':
    'Riguardare la correzione: se proposta si può approvare o respingere, se decisa solo leggere.',
  'correction-impossible':
    'Il dettaglio dice che cosa vi si oppone; il sistema mittente invii piuttosto un nuovo messaggio.',
  'confirmation-missing':
    'Chiedere un’anteprima dell’ordine e inviarne il `confirm`: i destinatari ricevono due volte ciò che hanno già ricevuto.',
  'test-would-be-live':
    'Inviarlo a un sistema dello stesso ente, o indicare `live=true` se il destinatario ne è informato.',
  'filter-too-wide': 'Indicare un destinatario, una causa o un tempo più breve, e fare più rielaborazioni.',
  'lease-lost': 'Ritirare di nuovo il messaggio e confermarlo entro la prenotazione.',
  'parameter-wrong': 'Usare uno dei valori elencati nell’errore.',
  'registry-stale': 'Rinviare più tardi: questo nodo non può vedere se gli accordi sono cambiati.',
  'store-unavailable': `${STESSO_ID}.`,
  'query-unfinished':
    'Chiedere di nuovo: il gateway si è fermato prima di poter registrare una risposta, e non ne ha data alcuna.',
  overloaded: `${STESSO_ID}.`,
  'broker-unavailable': 'Chiedere di nuovo dopo il tempo indicato in Retry-After.',
  maintenance: `${STESSO_ID}; la consegna di ciò che era già preso in carico continua.`,
  stopping: `${STESSO_ID}.`,
  internal: 'Ripetere il messaggio con lo stesso identificativo; se l’errore rimane, avvisare l’operatore.',

  // on the way out
  'receiver-unreachable': `${CHI_RIPETE}; il destinatario deve rendere raggiungibile il suo endpoint.`,
  'certificate-expired':
    'Il destinatario deve rinnovare il certificato del suo endpoint. I messaggi attendono senza consumare tentativi; il gateway riprova da sé, dopo un decimo del tempo che hanno atteso (da 30 secondi a 15 minuti), e quando il registro cambia.',
  'receiver-timeout': `${CHI_RIPETE}; il destinatario deve rispondere entro il suo tempo limite.`,
  'receiver-error': `${CHI_RIPETE}; il destinatario deve guardare il proprio log.`,
  'receiver-refused': 'Mittente e destinatario devono accordarsi sul contenuto; un operatore può rinviarlo.',
  'receiver-paused': 'Un operatore lo trattiene. I messaggi sono presi in carico e attendono; chiedere più tardi.',
  'delivery-cancelled': 'Chiederne il motivo a chi gestisce il gateway; inviare un nuovo messaggio, se serve ancora.',
  'receiver-overloaded':
    'Chiedere di nuovo dopo il tempo indicato in Retry-After: troppe domande attendono quel sistema, o al momento non ne accetta.',
  'circuit-open':
    'Chiedere di nuovo dopo il tempo indicato in Retry-After: il sistema ha fallito più volte e riceve solo chiamate di prova.',
  'query-timeout': 'Chiedere di nuovo; l’ente che risponde deve verificare perché il suo sistema è lento.',
  'answer-invalid': 'L’ente che risponde deve correggere il suo sistema; ogni errore è elencato con il suo punto.',
  'sequence-gap': 'Inviare il messaggio con il numero mancante; dopo 15 minuti la conversazione prosegue senza.',
  'sequence-passed':
    'Al destinatario è già andato un numero successivo della conversazione; rinviarlo con il prossimo numero.',
  'delivery-expired': 'Rinviare, se il contenuto serve ancora.',
  'delivery-abandoned':
    'Chi gestisce il gateway verifica perché il processo si è fermato, o ha perso il database, ogni volta che era in corso; poi lo riprova.',
  'mediation-failed': 'Gli schemi pubblicati non permettono di convertire questo contenuto per il destinatario.',
  'destination-forbidden':
    'L’indirizzo registrato è privato, di questa macchina o della rete stessa; chi gestisce il gateway indica la rete in CROCEVIA_ALLOWED_NETWORKS, o registra un altro indirizzo. I messaggi attendono senza consumare tentativi.',
  'destination-missing': 'L’operatore deve registrare come il sistema riceve.',
} as const;
