-- The load of the bench: the message in MESSAGE_FILE under a new id each time; prints what came back as one line of JSON.
local file = assert(io.open(os.getenv('MESSAGE_FILE'), 'rb'))
local message = file:read('*a')
file:close()
local before, after = message:match('^(.-)%[<id>%](.*)$')
local run = os.getenv('RUN_ID')
local count = 0

wrk.method = 'POST'
wrk.headers['Content-Type'] = 'text/xml; charset=utf-8'
wrk.headers['SOAPAction'] = os.getenv('SOAP_ACTION')
wrk.headers['X-API-Key'] = os.getenv('API_KEY')

function request()
  count = count + 1
  return wrk.format(nil, nil, nil, before .. run .. '-' .. count .. after)
end

function done(summary, latency)
  local refused = summary.errors.status
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"accepted":%d,"refused":%d,"perSecond":%.3f,"p50":%.3f,"p99":%.3f}\n',
    summary.requests - refused, refused + failed, (summary.requests - refused) / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
