/** Rules of docs/tour.md §"Who may import whom". Each is proved by test/integration/architecture.int-spec.ts. */
const FLOW =
  '^src/(message|protocol|registry|policy|mediation|compatibility|acceptance|query|exchange|delivery|alerts|outbound|receipt|trace|statistics|login|oauth|tls)/';
const FRAMEWORKS = '^node_modules/(@nestjs|typeorm|amqplib|amqp-connection-manager|fastify|@fastify/(?!busboy))';
const PROTOCOLS = 'soap|rest|cloudevents';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'message-imports-nothing-of-ours', severity: 'error', from: { path: '^src/message/' }, to: { path: '^src/(?!message/)' } },
    { name: 'message-imports-no-library', severity: 'error', from: { path: '^src/message/', pathNot: '\\.spec\\.ts$' }, to: { path: '^node_modules/' } },
    {
      name: 'protocols-know-only-message-and-xml',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: '^src/(?!message/|protocol/)' },
    },
    {
      name: 'no-protocol-imports-another',
      severity: 'error',
      from: { path: `^src/protocol/(${PROTOCOLS})/` },
      to: { path: `^src/protocol/(${PROTOCOLS})/`, pathNot: '^src/protocol/$1/' },
    },
    { name: 'flow-imports-no-framework', severity: 'error', from: { path: FLOW }, to: { path: FRAMEWORKS } },
    { name: 'flow-imports-no-adapter', severity: 'error', from: { path: FLOW }, to: { path: '^src/(store|broker|ingress|admin|cli)/' } },
    { name: 'libxml2-only-in-protocol-xml', severity: 'error', from: { pathNot: '^src/protocol/xml/' }, to: { path: '^node_modules/libxml2-wasm' } },
    { name: 'amqplib-only-in-broker', severity: 'error', from: { pathNot: '^src/broker/' }, to: { path: '^node_modules/amqplib' } },
    // The management API of RabbitMQ is an address of the settings, which the guard of registered addresses is not for.
    {
      name: 'agents-only-in-outbound',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(outbound/|cli/|broker/rabbit/(grants|members)\\.ts$|delivery/http-exchange\\.ts$)' },
      to: { path: '^node_modules/undici', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'spans-are-sent-from-one-place',
      severity: 'error',
      from: { pathNot: '^src/telemetry\\.ts$' },
      to: { path: '^node_modules/@opentelemetry/(sdk|exporter|resources)' },
    },
    { name: 'typeorm-only-in-store', severity: 'error', from: { pathNot: '^src/store/' }, to: { path: '^node_modules/(typeorm|pg|@electric-sql)' } },
    {
      name: 'adapters-never-import-each-other',
      severity: 'error',
      from: { path: '^src/(store|broker|ingress|admin)/' },
      to: { path: '^src/(store|broker|ingress|admin)/', pathNot: '^src/$1/' },
    },
    { name: 'entities-stay-in-store', severity: 'error', from: { pathNot: '^src/store/' }, to: { path: '^src/store/entities' } },
    {
      name: 'only-main-and-module-import-the-map',
      severity: 'error',
      from: { pathNot: '^src/(main|app\\.module)\\.ts$' },
      to: { path: '^src/gateway\\.ts$' },
    },
    { name: 'interface-knows-no-other-room', severity: 'error', from: { path: '^src/registry/interface/' }, to: { path: '^src/registry/(?!interface/)[^/]+/' } },
    {
      name: 'documents-know-only-interface',
      severity: 'error',
      from: { path: '^src/registry/documents/' },
      to: { path: '^src/registry/(?!documents/|interface/)[^/]+/' },
    },
    {
      name: 'upper-rooms-of-the-registry-meet-in-publish',
      severity: 'error',
      from: { path: '^src/registry/(assembly|bundle|directory)/' },
      to: { path: '^src/registry/(assembly|bundle|directory|publish)/', pathNot: '^src/registry/$1/' },
    },
    { name: 'cli-talks-over-http-only', severity: 'error', from: { path: '^src/cli/' }, to: { path: '^src/(store|broker|ingress|admin|acceptance|delivery|gateway)' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js'] },
  },
};
