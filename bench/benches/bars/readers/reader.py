"""The least that turns a socket into values, in Python."""

import asyncio
import json
import sys

import websockets


async def read(url):
    messages, total = 0, 0.0
    async with websockets.connect(url) as socket:
        async for text in socket:
            envelope = json.loads(text)
            data = envelope["data"]
            messages += 1
            total += data["ltv"] + data["healthFactor"] + envelope["timestamp"]
            total += len(envelope["type"]) + len(envelope["id"])
    print(json.dumps({"messages": messages, "sum": total}))


asyncio.run(read(sys.argv[1]))
