"""An independent SOAP client of a service that is polled (ModI NONBLOCK_PULL_SOAP): reads the gateway's own WSDL, then does one
step for each line that it reads (`chiedi`, `stato`, `ritira`) and prints what it got back as a line of JSON.

usage: certificato.py WSDL PORT API_KEY
"""

import json
import sys

import requests
import zeep


def plain(value):
    return zeep.helpers.serialize_object(value, dict)


def main(wsdl, port, key):
    session = requests.Session()
    session.headers["X-API-Key"] = key
    session.trust_env = False
    client = zeep.Client(wsdl, transport=zeep.transports.Transport(session=session))
    service = client.bind("Certificati", port)
    correlation = None
    for line in sys.stdin:
        headers = {"correlazione": correlation}
        try:
            if line.strip() == "chiedi":
                answer = service.CertificatoRequest(codiceFiscale="RSSMRA80A01I804K", uso="atti")
                correlation = answer.header.correlazione
                told = {"correlation": correlation, "answer": plain(answer.body)}
            elif line.strip() == "stato":
                told = {"answer": plain(service.CertificatoProcessingStatus(_soapheaders=headers))}
            else:
                told = {"answer": plain(service.CertificatoResponse(_soapheaders=headers))}
        except zeep.exceptions.Fault as fault:
            told = {"code": str(fault.code), "message": fault.message}
        print(json.dumps(told), flush=True)


main(*sys.argv[1:])
