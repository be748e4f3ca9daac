import { gateway, sender, type FaultKind } from './kind.js';

/** Who is calling, and what an operator asks. */
export const CALLER_FAULTS = {
  'credentials-missing': sender(
    401,
    'Credenziali assenti',
    'Credentials missing',
    'Send an access token, an API key, HTTP Basic credentials or a registered TLS client certificate.',
  ),
  'credentials-wrong': sender(
    401,
    'Credenziali non valide',
    'Credentials not valid',
    'Check the key or password with the body that registered the system.',
  ),
  'credentials-expired': sender(
    401,
    'Credenziali non in vigore',
    'Credentials not in force',
    'Use the credential that replaces it, or ask the body that registered the system for one.',
  ),
  'token-wrong': sender(
    401,
    'Token di accesso non valido',
    'Access token not valid',
    'Ask for a new token at POST /oauth/token, or at the issuer that is registered for the system.',
  ),
  'token-expired': sender(
    401,
    'Token di accesso scaduto',
    'Access token expired',
    'Ask for a new token and send the request again; look at the clock of the system where the token is new.',
  ),
  'certificate-revoked': sender(
    401,
    'Certificato client revocato',
    'Client certificate revoked',
    'Get a new certificate from the authority, and have it registered where it is known by its thumbprint.',
  ),
  'client-wrong': sender(
    401,
    'Client OAuth non riconosciuto',
    'OAuth client not known',
    'Check client id and secret, or key, audience and times of the assertion, against the registered system.',
  ),
  'token-request-wrong': sender(
    400,
    'Richiesta di token non valida',
    'Token request not valid',
    'Send grant_type=client_credentials as a form; docs/protocols/identity.md has the curl lines.',
  ),
  'grant-unsupported': sender(
    400,
    'Tipo di grant non supportato',
    'Grant type not supported',
    'Send grant_type=client_credentials; systems have no other grant here.',
  ),
  'scope-unsupported': sender(
    400,
    'Scope non supportato',
    'Scope not supported',
    'Leave scope out: what a system may call is in its agreements.',
  ),
  'credentials-repeated': sender(400, 'Credenziali ripetute', 'Credentials repeated', 'Send one credential, once.'),
  'document-unknown': sender(
    404,
    'Documento del registro sconosciuto',
    'Registry document unknown',
    'Use a kind, id and version that the registry lists.',
  ),
  'document-changed': sender(
    412,
    'Documento modificato nel frattempo',
    'Document changed meanwhile',
    'Read the document again and repeat the change with its ETag.',
  ),
  'precondition-missing': sender(
    428,
    'Precondizione assente',
    'Precondition missing',
    'Send If-Match with the ETag of the document that you read, or If-None-Match: * for a new one.',
  ),
  'private-key-sent': sender(
    400,
    'È stata inviata una chiave privata',
    'A private key was sent',
    'Send the certificate alone. A private key that has left its system is no secret any more: make a new key, and a certificate for it.',
  ),
  'certificate-unfit': sender(
    422,
    'Certificato non registrabile',
    'Certificate not to be registered',
    'Look at it first: POST /admin/systems/{id}/certificates/check says what stands against it; nothing was changed.',
  ),
  'registry-refused': sender(
    422,
    'Modifica del registro non valida',
    'Change of the registry not valid',
    'Correct each listed problem; nothing was changed.',
  ),
  'agreement-state-wrong': sender(
    409,
    'Stato dell’accordo incompatibile',
    'Agreement in another state',
    'Look at the state of the agreement; a revoked one is asked for anew.',
  ),
  'operator-unknown': sender(
    401,
    'Operatore non riconosciuto',
    'Operator not known',
    'Send Authorization: Bearer with CROCEVIA_ADMIN_TOKEN or the {id}.{secret} of an operator of the registry.',
  ),
  'log-in-refused': sender(
    401,
    'Accesso rifiutato',
    'Log-in refused',
    'Check name, password and, where one is enrolled, the code of the second factor; the platform can give a new first password.',
  ),
  'log-in-throttled': {
    ...sender(429, 'Troppi tentativi di accesso', 'Too many log-ins refused', 'Wait as long as Retry-After says.'),
    retryable: true,
  },
  'csrf-token-wrong': sender(
    403,
    'Token CSRF assente o errato',
    'CSRF token missing or wrong',
    'Send X-CSRF-Token with the csrfToken of GET /admin/session, from a page of this gateway.',
  ),
  'password-change-due': sender(
    403,
    'Password da cambiare',
    'Password must be changed',
    'Set a password of your own: PUT /admin/session/password.',
  ),
  'password-refused': sender(
    422,
    'Password non ammessa',
    'Password not accepted',
    'Choose a longer password that is not made of your name: 15 characters, or 8 with a second factor.',
  ),
  'issuer-away': gateway(
    503,
    'Servizio di identità non raggiungibile',
    'Issuer of identities not reachable',
    'Try again later; local accounts and bearer tokens go on.',
  ),
  'operator-not-allowed': sender(
    403,
    'Operazione non consentita all’operatore',
    'Operator not allowed',
    'Ask those who run the platform for a role or a scope that covers it.',
  ),
  'sender-mismatch': sender(
    403,
    'Mittente diverso dal chiamante',
    'Sender is not the caller',
    'The sender named in the message must be the participant that authenticated.',
  ),
  'reply-to-refused': sender(
    403,
    'Indirizzo di risposta non registrato',
    'Reply address not registered',
    'Register the address under callbacks: of your system, or leave X-ReplyTo out and fetch the answer.',
  ),
  'not-authorised': sender(
    403,
    'Nessun accordo di servizio',
    'No agreement allows this',
    'Ask the provider for an agreement on this service and operation.',
  ),
  'agreement-suspended': {
    ...sender(
      403,
      'Accordo sospeso',
      'Agreement suspended',
      'Wait until the provider resumes the agreement, then send again.',
    ),
    retryable: true,
  },
  'participant-suspended': {
    ...sender(
      403,
      'Ente sospeso',
      'Body suspended',
      'Ask those who look after the body why; send again once they have resumed it.',
    ),
    retryable: true,
  },
  'intake-paused': {
    ...sender(
      503,
      'Presa in carico sospesa',
      'Intake paused',
      'Keep the message and send it again later: an operator has paused what this agreement takes.',
    ),
    blame: 'receiver',
    retryable: true,
  },
  'agreement-not-in-force': sender(
    403,
    'Accordo non in vigore',
    'Agreement not in force',
    'Send inside the validity dates of the agreement.',
  ),

  'rate-limited': {
    ...sender(
      429,
      'Troppi messaggi',
      'Too many messages',
      'Wait as long as Retry-After says; the answer names the limit and whose it is.',
    ),
    retryable: true,
  },
  'too-many-attempts': {
    ...sender(
      429,
      'Troppi tentativi di autenticazione',
      'Too many failed attempts',
      'Correct the credential, and wait as long as Retry-After says.',
    ),
    retryable: true,
  },
  'service-retired': sender(
    410,
    'Versione del servizio ritirata',
    'Service version retired',
    'Use a newer version of the service.',
  ),
} as const satisfies Record<string, FaultKind>;
