"""python-binance against the sender: client.py MODE KIND PORT plain|tls COUNT FRAMING STREAMS. Prints a line of JSON.

Its own receiving loop and queue (`ReconnectingWebsocket`), which parses each message into a dict.
"""

import asyncio
import json
import logging
import os
import resource
import ssl
import sys
import time

from binance.ws.reconnecting_websocket import ReconnectingWebsocket

MODE, KIND, PORT, TRANSPORT, COUNT, FRAMING, STREAMS = sys.argv[1:8]
TIME_OFFSET = 10**15


def names():
    suffix = "trade" if KIND == "trade" else "depth"
    if STREAMS == "1":
        return ["btcusdt@" + suffix]
    return [f"s{number}usdt@{suffix}" for number in range(int(STREAMS))]


async def main():
    logging.disable(logging.CRITICAL)
    count = int(COUNT)
    warm_up = 100 if MODE == "paced" else max(count // 10, 1)
    arguments = {}
    scheme, host = "ws", "127.0.0.1"
    if TRANSPORT == "tls":
        scheme, host = "wss", "localhost"
        arguments["ssl"] = ssl.create_default_context(cadata=os.environ["BENCHMARK_ROOTS"])
    path = f"{MODE}/{KIND}/{count}/{FRAMING}/{STREAMS}/stream?streams={'/'.join(names())}"
    socket = ReconnectingWebsocket(
        url=f"{scheme}://{host}:{PORT}/", path=path, prefix="", max_queue_size=10**9, **arguments
    )
    await socket.connect()
    latencies = []
    start, processor = time.monotonic_ns(), time.process_time_ns()
    for number in range(count):
        if number == warm_up:
            start, processor = time.monotonic_ns(), time.process_time_ns()
        message = await socket.recv()
        if "data" not in message:
            sys.exit(f"not an event: {message}")
        if MODE == "paced" and number >= warm_up:
            latencies.append(time.monotonic_ns() + TIME_OFFSET - message["data"]["E"])
    messages = count - warm_up
    figures = {
        "cpu_ns": (time.process_time_ns() - processor) / messages,
        "wall_ns": (time.monotonic_ns() - start) / messages,
        "memory_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    if latencies:
        latencies.sort()
        figures["p50_ns"] = latencies[(len(latencies) - 1) * 50 // 100]
        figures["p99_ns"] = latencies[(len(latencies) - 1) * 99 // 100]
    print(json.dumps(figures), flush=True)
    os._exit(0)


asyncio.run(main())
