"""A client of vaultwatch.v1 written from docs/protocol.md alone, with nothing of the project's own code.

Called with the gateway's URL; the token comes in VAULTWATCH_TOKEN. Prints `ready` and waits for the gateway's goodbye.
"""

import json
import os
import sys
import time
import zlib

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

URL = sys.argv[1]
TOKEN = os.environ["VAULTWATCH_TOKEN"]
PATIENCE = 30


class Client:
    """One connection. Knows its position and checks that every message follows it."""

    def __init__(self, resume=None, topics=(), compress=(), position=None):
        self.socket = connect(
            URL,
            subprotocols=["vaultwatch.v1"],
            additional_headers={"Authorization": f"Bearer {TOKEN}"},
            compression=None,
        )
        assert self.socket.subprotocol == "vaultwatch.v1"
        self.position = position
        self.binary = 0
        hello = {"client": "independent/1", "topics": list(topics), "compress": list(compress), "resume": resume}
        self.send("hello", hello)
        self.welcome = self.receive("welcome")["data"]
        assert self.welcome["heartbeatMs"] + self.welcome["graceMs"] <= 25_000
        assert self.welcome["dedupMs"] >= 600_000

    def send(self, ty, data, ident=None):
        message = {"type": ty, "data": data, "timestamp": int(time.time() * 1000)}
        if ident is not None:
            message["id"] = ident
        self.socket.send(json.dumps(message))

    def next(self):
        frame = self.socket.recv(timeout=PATIENCE)
        if isinstance(frame, str):
            message = json.loads(frame)
        else:
            self.binary += 1
            assert frame[0] == 1, "zlib was agreed"
            message = json.loads(zlib.decompress(frame[17:]))
            assert "offset" not in message and "prev" not in message
            offset, prev = (int.from_bytes(frame[at : at + 8], "big") for at in (1, 9))
            if offset:
                message["offset"] = offset
                if not message.get("snapshot"):
                    message["prev"] = prev
        if "prev" in message:
            if message["offset"] <= self.position:
                raise AssertionError(f"a duplicate: {message}")
            assert message["prev"] == self.position, f"a gap after {self.position}: {message}"
            self.position = message["offset"]
        elif message["type"] in ("snapshot_end", "subscribed", "resumed"):
            self.position = message["data"]["offset"]
        return message

    def receive(self, ty):
        return self.until(ty)[-1]

    def until(self, ty):
        messages = []
        while True:
            messages.append(self.next())
            if messages[-1]["type"] == ty:
                return messages

    def publish(self, ty, data, ident):
        self.send(ty, data, ident)
        while True:
            answer = self.next()
            if answer["type"] in ("ack", "nack"):
                assert answer["data"]["id"] == ident
                return answer


def greeting_and_snapshot(writer):
    writer.publish("vault_update_A", {"full": True, "ltv": 70.5, "status": "ACTIVE"}, "v1")
    writer.publish("vault_update_A", {"ltv": 71.25}, "v2")
    client = Client()
    assert client.welcome["resumed"] is False and client.welcome["compress"] is None
    snapshot = client.until("snapshot_end")
    assert snapshot[-1]["data"] == {"offset": 2, "lostEvents": 0}, snapshot
    assert [(m["type"], m["snapshot"], m["offset"]) for m in snapshot[:-1]] == [("vault_update_A", True, 2)]
    assert snapshot[0]["data"] == {"full": True, "ltv": 71.25, "status": "ACTIVE"}
    return client


def subscriptions(client, writer):
    client.send("unsubscribe", {"topics": ["*"]})
    assert client.receive("subscribed")["data"]["topics"] == []
    client.send("subscribe", {"topics": ["vault_update_*", "note"]})
    assert client.receive("subscribed")["data"]["topics"] == ["vault_update_*", "note"]
    assert [m["type"] for m in client.until("snapshot_end")] == ["vault_update_A", "snapshot_end"]
    writer.publish("risk_alert", {"message": "not asked for"}, "r1")
    writer.publish("note", "asked for", "n1")
    # `prev` covers the offset that was not selected: next() would have found a gap.
    assert client.next()["data"] == "asked for"


def publishing(client, writer):
    first = writer.publish("note", "once", "same")
    again = writer.publish("note", "once", "same")
    assert first["type"] == again["type"] == "ack"
    assert first["data"]["offset"] == again["data"]["offset"]
    writer.publish("note", "after", "n2")
    assert [client.next()["data"], client.next()["data"]] == ["once", "after"], "stored once"
    for ty, code in (("welcome", "reserved_type"), ("forbidden_here", "forbidden"), ("vault_update", "invalid")):
        answer = writer.publish(ty, {}, f"bad-{ty}")
        assert (answer["type"], answer["data"]["code"], answer["data"]["retryable"]) == ("nack", code, False), answer
    client.send("heartbeat", {"timestamp": 42})
    answer = client.receive("heartbeat")
    assert answer["data"]["timestamp"] == 42 and answer["data"]["serverTime"] > 1_700_000_000_000


def resuming(client, writer):
    epoch, position = client.welcome["epoch"], client.position
    # The connection is cut, without a close.
    client.socket.socket.close()
    for n in range(5):
        writer.publish("note", n, f"missed-{n}")
    resume = {"epoch": epoch, "offset": position}
    back = Client(resume=resume, topics=["note"], position=position)
    assert back.welcome["resumed"] is True and back.welcome["replay"] == 5
    assert [back.next()["data"] for _ in range(5)] == [0, 1, 2, 3, 4]
    writer.publish("note", "live", "live")
    assert back.next()["data"] == "live"
    # In place, too, as after a gap; and from another log there is a snapshot.
    back.send("resume", {"epoch": epoch, "offset": position})
    assert back.receive("resumed")["data"] == {"ok": True, "replay": 6, "offset": position}
    assert [back.next()["data"] for _ in range(6)] == [0, 1, 2, 3, 4, "live"]
    back.send("resume", {"epoch": "another", "offset": 1})
    assert back.receive("resumed")["data"]["ok"] is False
    assert back.until("snapshot_end")[-1]["data"]["lostEvents"] is None
    return back


def compression(writer):
    text = "the same again and again " * 200
    writer.publish("vault_update_L", {"full": True, "note": text}, "large-1")
    client = Client(topics=["vault_update_L", "note"], compress=["deflate"])
    assert client.welcome["compress"] == "deflate"
    snapshot = client.until("snapshot_end")
    assert (client.binary, snapshot[0]["data"]["note"], snapshot[0]["snapshot"]) == (1, text, True)
    writer.publish("note", text, "large-2")
    assert (client.next()["data"], client.binary) == (text, 2)
    writer.publish("note", "short", "short")
    assert (client.next()["data"], client.binary) == ("short", 2), "small ones go as text"


def goodbye(client):
    print("ready", flush=True)
    farewell = client.receive("goodbye")
    assert 0 <= farewell["data"]["retryAfterMs"] <= 10_000
    try:
        client.next()
        raise AssertionError("something came after the goodbye")
    except ConnectionClosed as closed:
        assert closed.rcvd.code == 1012, closed


def main():
    # Reads nothing, so that all it hears are its answers.
    writer = Client(topics=["nothing"])
    writer.until("snapshot_end")
    client = greeting_and_snapshot(writer)
    subscriptions(client, writer)
    publishing(client, writer)
    client = resuming(client, writer)
    compression(writer)
    goodbye(client)


main()
