"""An independent SOAP client: reads the gateway's own WSDL, sends a notice, prints what it got back as JSON.

usage: notifica.py WSDL PORT USER PASSWORD valid|invalid
"""

import datetime
import json
import sys

import requests
import zeep


def place(kind, name, number, code, town):
    return {
        "specie": kind,
        "denominazioneToponimo": name,
        "numeroCivico": number,
        "cap": code,
        "comune": town,
    }


def notice(tax_code):
    sulmona = {"nomeComune": "Sulmona", "codiceIstat": "066098", "siglaProvincia": "AQ"}
    pescara = {"nomeComune": "Pescara", "codiceIstat": "068028", "siglaProvincia": "PE"}
    return {
        "testata": {
            "idMessaggio": "urn:uuid:5f0c5a3e-6d0b-4a5e-9a3e-2f8d5f0b7a01",
            "dataOraMessaggio": datetime.datetime(2026, 11, 23, 8, 15, tzinfo=datetime.timezone.utc),
            "codiceIpaMittente": "c_i804",
            "codiceIpaDestinatario": "c_h007",
        },
        "tipoVariazione": "CAMBIO_RESIDENZA",
        "dataDecorrenza": datetime.date(2026, 11, 20),
        "idANPR": "AB1234567",
        "generalita": {
            "codiceFiscale": tax_code,
            "cognome": "D'Àmico",
            "nome": "Mario",
            "sesso": "M",
            "dataNascita": datetime.date(1980, 1, 1),
            "luogoNascita": sulmona,
        },
        "residenzaPrecedente": place("Viale", "Regina Margherita", "7", "65122", pescara),
        "residenzaNuova": place("Corso", "Ovidio", "12/A", "67039", sulmona),
        "statoCivile": "2",
    }


def main(wsdl, port, user, password, verdict):
    session = requests.Session()
    session.auth = (user, password)
    session.trust_env = False
    transport = zeep.transports.Transport(session=session)
    client = zeep.Client(wsdl, transport=transport)
    service = client.bind("VariazioneAnagrafica", port)
    try:
        answer = service.notificaVariazione(**notice("RSSMRA80A01I804K" if verdict == "valid" else "rossi"))
        told = {"answer": zeep.helpers.serialize_object(answer, dict), "type": type(answer).__name__}
    except zeep.exceptions.Fault as fault:
        detail = next(child for child in fault.detail if isinstance(child.tag, str))
        errore = client.wsdl.types.deserialize(detail)
        told = {
            "code": str(fault.code),
            "message": fault.message,
            "fault": zeep.helpers.serialize_object(errore, dict),
            "type": type(errore).__name__,
        }
    print(json.dumps(told, default=str))


main(*sys.argv[1:])
