"""An independent SOAP client: reads the gateway's own WSDL, asks a question, prints the answer as the JSON of its schema.

usage: consulta.py WSDL PORT API_KEY QUESTION (JSON)
"""

import datetime
import decimal
import json
import sys

import requests
import zeep


def plain(value):
    """Typed values as the published JSON Schemas write them; what is absent (None, no element) is left out."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None and member != []}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, tuple):  # xs:gYear: the year and its time zone
        return value[0]
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value) if isinstance(value, decimal.Decimal) else value


def types_of(value):
    """The names of the Python types of the first position's decimals and dates: what a typed client works with."""
    position = next(iter(value.posizione), None)
    due = [] if position is None else [type(position.importoDovuto).__name__]
    return [type(value.testata.dataOraMessaggio).__name__, *due]


def main(wsdl, port, key, question):
    session = requests.Session()
    session.headers["X-API-Key"] = key
    session.trust_env = False
    client = zeep.Client(wsdl, transport=zeep.transports.Transport(session=session))
    service = client.bind("PosizioneTributaria", port)
    asked = json.loads(question)
    header = asked["testata"]
    asked["annoImposta"] = (asked["annoImposta"], None)
    header["dataOraMessaggio"] = datetime.datetime.fromisoformat(header["dataOraMessaggio"])
    try:
        answer = service.consultaPosizioneTributaria(**asked)
        told = {"answer": plain(zeep.helpers.serialize_object(answer, dict)), "types": types_of(answer)}
    except zeep.exceptions.Fault as fault:
        detail = next(child for child in fault.detail if isinstance(child.tag, str))
        errore = client.wsdl.types.deserialize(detail)
        told = {
            "code": str(fault.code),
            "message": fault.message,
            "type": type(errore).__name__,
            "fault": plain(zeep.helpers.serialize_object(errore, dict)),
        }
    print(json.dumps(told))


main(*sys.argv[1:])
