"""A feed that VaultWatch's authors did not write the WebSocket part of.

Serves the plain envelope with the `websockets` package. Commands come as lines on stdin:

    send TEXT     send the text frame TEXT to every client
    binary HEX    send a binary frame
    big MIB       send an envelope of that many MiB
    close CODE    close every connection with CODE
    quit          close every connection with 1001 and end

What happens goes to stdout, one JSON object per line.
"""

import argparse
import asyncio
import json
import sys
import time

from websockets.asyncio.server import serve

clients = set()


def tell(**event):
    print(json.dumps(event), flush=True)


async def client(connection):
    clients.add(connection)
    tell(event="connected", clients=len(clients))
    try:
        async for text in connection:
            tell(event="received", text=text if isinstance(text, str) else text.hex())
    except Exception as error:  # however a client goes, the feed stays
        tell(event="error", error=repr(error))
    finally:
        clients.discard(connection)
        tell(event="gone", code=connection.close_code)


def big(mebibytes):
    padding = "x" * (mebibytes * 1024 * 1024)
    now = int(time.time() * 1000)
    return json.dumps({"type": "vault_update_big", "data": {"id": "big", "padding": padding}, "timestamp": now})


async def send(frame):
    for connection in list(clients):
        try:
            await connection.send(frame)
        except Exception as error:
            tell(event="error", error=repr(error))


async def close(code):
    await asyncio.gather(*(connection.close(code) for connection in list(clients)))


async def obey(line):
    command, _, argument = line.partition(" ")
    if command == "send":
        await send(argument)
    elif command == "binary":
        await send(bytes.fromhex(argument))
    elif command == "big":
        await send(big(int(argument)))
    elif command == "close":
        await close(int(argument))
    elif command == "quit":
        await close(1001)
        return False
    else:
        raise ValueError(f"unknown command {command!r}")
    tell(event="done", command=command)
    return True


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    port = parser.parse_args().port
    async with serve(client, "127.0.0.1", port, max_size=2**20) as server:
        tell(event="listening", port=server.sockets[0].getsockname()[1])
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            if not await obey(line.decode().rstrip("\n")):
                break


asyncio.run(main())
