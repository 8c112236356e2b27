"""What the scenarios share: exchanges of their own, and cases that pass, are listed with a reason, or fail.

A scenario starts `binance sim` itself (the program's path is in BINANCE_PROGRAM), with accounts whose keys are made here,
and prints one line of JSON for each case; `cargo xtask interop` makes a table of them. Nothing here touches the
clients: they are given another URL and are otherwise unmodified.
"""

import asyncio
import inspect
import json
import logging
import os
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from pathlib import Path

from Crypto.PublicKey import ECC, RSA

# Clients log the ends of connections that the cases cause.
logging.disable(logging.CRITICAL)
# So do connections that are thrown away with their event loop.
sys.unraisablehook = lambda _: None


class Keys:
    """The API keys of one account, one of each kind."""

    def __init__(self):
        self.hmac_key, self.hmac_secret = secrets.token_hex(32), secrets.token_hex(32)
        self.ed25519_key, self.rsa_key = secrets.token_hex(32), secrets.token_hex(32)
        ed25519, rsa = ECC.generate(curve="ed25519"), RSA.generate(2048)
        self.ed25519_private = ed25519.export_key(format="PEM")
        self.rsa_private = rsa.export_key(pkcs=8).decode()
        self._publics = ed25519.public_key().export_key(format="PEM"), rsa.public_key().export_key().decode()

    def toml(self, name, balances, trade=True):
        """An account of the accounts file of `binance sim`."""
        ed25519, rsa = self._publics
        amounts = ", ".join(f'"{asset}" = "{amount}"' for asset, amount in balances.items())
        allowed = "true" if trade else "false"
        return (
            f'[[account]]\nname = "{name}"\nbalances = {{ {amounts} }}\n'
            f'[[account.key]]\napi_key = "{self.hmac_key}"\nhmac_secret = "{self.hmac_secret}"\ntrade = {allowed}\n'
            f'[[account.key]]\napi_key = "{self.ed25519_key}"\ntrade = {allowed}\ned25519_public_pem = """\n{ed25519}\n"""\n'
            f'[[account.key]]\napi_key = "{self.rsa_key}"\ntrade = {allowed}\nrsa_public_pem = """\n{rsa}\n"""\n'
        )


class Exchange:
    """A running `binance sim` with the accounts alice and bob, who are rich, and reader, whose keys may not trade."""

    def __init__(self, *arguments):
        self.alice, self.bob, self.reader = Keys(), Keys(), Keys()
        self._folder = tempfile.TemporaryDirectory(prefix="binance-interop-")
        rich = {"USDT": "1000000", "BTC": "50", "ETH": "500", "BNB": "1000", "币安人生": "100000"}
        accounts = Path(self._folder.name, "accounts.toml")
        accounts.write_text(
            self.alice.toml("alice", rich)
            + self.bob.toml("bob", rich)
            + self.reader.toml("reader", {"USDT": "10"}, trade=False),
            encoding="utf-8",
        )
        command = [os.environ["BINANCE_PROGRAM"], "sim", "--seed", "7", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
        self._process = subprocess.Popen(
            [*command, "--accounts", str(accounts), *arguments], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        ready = json.loads(self._process.stdout.readline())
        self.rest, self.stream, self.ws_api = ready["rest"], ready["stream"], ready["ws_api"]
        self._control = ready["control"]
        # Of `--tls`: the file of what to trust, and a context that does.
        self.certificate, self.trust = None, None
        if "certificate" in ready:
            self.certificate = str(Path(self._folder.name, "certificate.pem"))
            Path(self.certificate).write_text(ready["certificate"], encoding="utf-8")
            self.trust = ssl.create_default_context(cafile=self.certificate)

    def control(self, method, path, **body):
        """A request of the control API."""
        content = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self._control.rstrip("/") + path, content, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def pause(self, paused=True):
        """Pauses the market, so that its books do not change."""
        self.control("POST", "/market", paused=paused)

    async def begin(self):
        """Gives the market a past: trades, and a few candles."""
        for side in ("BUY", "SELL") * 20:
            self.control("POST", "/orders", symbol="BTCUSDT", side=side, quantity="0.001")
        await asyncio.sleep(3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._folder.cleanup()


class Cases:
    """The cases of a scenario, carried out in the order in which they are written."""

    def __init__(self, suite, limit=30):
        self.suite, self.limit, self._cases, self.failed = suite, limit, [], 0

    def case(self, name, listed=None, shows=None, limit=None):
        """A case. With `listed`, a reason outside of the exchange, it may fail in the way that `shows` matches."""

        def register(function):
            self._cases.append((name, function, listed, shows, limit or self.limit))
            return function

        return register

    async def run(self, *arguments):
        only = os.environ.get("INTEROP_ONLY")
        for name, function, listed, shows, limit in self._cases:
            if only and not re.search(only, name):
                continue
            started = time.monotonic()
            reason = await _outcome(function, arguments, limit)
            outcome = "passed"
            if reason is not None:
                known = listed is not None and re.search(shows or "", reason) is not None
                outcome = "listed" if known else "failed"
            self.failed += outcome == "failed"
            row = {
                "suite": self.suite,
                "case": name,
                "outcome": outcome,
                "reason": listed if outcome == "listed" else reason,
                "seconds": round(time.monotonic() - started, 2),
            }
            print(json.dumps(row, ensure_ascii=False), flush=True)


async def _outcome(function, arguments, limit):
    """Nothing when it went well, else what went wrong."""
    try:
        if inspect.iscoroutinefunction(function):
            await asyncio.wait_for(function(*arguments), limit)
        else:
            # In a thread, with an event loop of its own: the blocking clients run loops, too.
            await asyncio.wait_for(in_thread(function, *arguments), limit)
    except Exception as error:  # noqa: BLE001
        if os.environ.get("INTEROP_TRACE"):
            traceback.print_exc(file=sys.stderr)
        where = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in where if frame.filename.endswith("_scenario.py")]
        at = f" (line {lines[-1]})" if lines else ""
        return f"{type(error).__name__}: {error}{at}"[:600]
    return None


async def in_thread(function, *arguments):
    """Runs a blocking function in a thread of its own that has an event loop."""
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def settle(result, error):
        if not done.done():
            done.set_result(result) if error is None else done.set_exception(error)

    def work():
        asyncio.set_event_loop(asyncio.new_event_loop())
        result, failure = None, None
        try:
            result = function(*arguments)
        except BaseException as error:  # noqa: BLE001
            failure = error
        loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, daemon=True).start()
    return await done


def equal(left, right):
    """Says both when they differ."""
    if left != right:
        raise AssertionError(f"{left!r} is not {right!r}")


def holds(condition, *shown):
    """Says what was wrong when the condition does not hold."""
    if not condition:
        raise AssertionError(f"does not hold: {shown}")


def same_keys(found, *names):
    """All of these keys, and no other."""
    equal(sorted(found), sorted(names))


async def raises(kind, awaitable, **fields):
    """Awaits a failure of this type, whose fields have these values. Text may stand anywhere in a field."""
    try:
        result = await awaitable
    except kind as error:
        check_fields(error, fields)
        return error
    raise AssertionError(f"{kind.__name__} was not raised; the result is {result!r}")


def raises_now(kind, function, **fields):
    """As `raises`, for what blocks."""
    try:
        result = function()
    except kind as error:
        check_fields(error, fields)
        return error
    raise AssertionError(f"{kind.__name__} was not raised; the result is {result!r}")


def check_fields(error, fields):
    for name, expected in fields.items():
        actual = str(error) if name == "text" else getattr(error, name)
        if isinstance(expected, str):
            holds(expected in str(actual), name, actual, expected)
        else:
            equal(actual, expected)


def main(cases, scenario, limit=240):
    """Runs a scenario and ends the process with what came of it; one that takes too long does not hold up the rest."""

    def give_up():
        row = {"suite": cases.suite, "case": "all of it", "outcome": "failed", "reason": f"more than {limit} s", "seconds": limit}
        print(json.dumps(row), flush=True)
        os._exit(1)

    timer = threading.Timer(limit, give_up)
    timer.daemon = True
    timer.start()
    asyncio.run(scenario(cases))
    sys.stdout.flush()
    # Threads of clients that were not ended must not keep the process.
    os._exit(1 if cases.failed else 0)
