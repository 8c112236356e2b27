"""ccxt against the embedded exchange: REST, blocking and not, the `watch_*` calls and the `*_ws` calls of ccxt.pro, and
errors as ccxt's own types."""

import asyncio
from urllib.parse import urlsplit

import ccxt
import ccxt.pro
from harness import Cases, Exchange, equal, holds, main, raises, raises_now

cases = Cases("ccxt")
case = cases.case

BTC, ETH, CHINESE = "BTC/USDT", "ETH/USDT", "币安人生/USDT"

# What ccxt asks of other hosts when it loads its markets is switched off by its own settings: futures and options
# (`fetchMarkets`), the wallet's list of currencies (`fetchCurrencies`) and the margin pairs (`fetchMargins`).
OPTIONS = {
    "fetchMarkets": {"types": ["spot"]},
    "fetchCurrencies": False,
    "fetchMargins": False,
    "warnOnFetchOpenOrdersWithoutSymbol": False,
}


def client(kind, exchange, keys=None, **more):
    """The client with the URLs of this exchange, and nothing else changed."""
    config = {"options": {**OPTIONS}, "enableRateLimit": False, **more}
    if keys:
        config.update(apiKey=keys.hmac_key, secret=keys.hmac_secret)
    made = kind(config)
    for name, url in made.urls["api"].items():
        # Those of other products too, so that nothing is asked of the real exchange.
        if isinstance(url, str):
            made.urls["api"][name] = exchange.rest + urlsplit(url).path
    if "ws" in made.urls["api"]:
        made.urls["api"]["ws"]["spot"] = exchange.stream + "/ws"
        made.urls["api"]["ws"]["ws-api"]["spot"] = exchange.ws_api
    return made


class World:
    def __init__(self, exchange):
        self.exchange = exchange
        self.alice = client(ccxt.pro.binance, exchange, exchange.alice)
        self.public = client(ccxt.pro.binance, exchange)

    async def far(self, part=0.9, symbol=BTC):
        price = (await self.public.fetch_ticker(symbol))["last"] * part
        return float(self.public.price_to_precision(symbol, price))

    async def close(self):
        await asyncio.gather(self.alice.close(), self.public.close())


# --- REST ------------------------------------------------------------------------------------------------------------


@case("rest: markets")
async def _(world):
    markets = await world.public.load_markets()
    holds({BTC, ETH, CHINESE} <= set(markets), set(markets))
    market = markets[BTC]
    equal((market["active"], market["spot"], market["precision"]["price"]), (True, True, 0.01))
    equal(market["limits"]["cost"]["min"], 5.0)
    await world.alice.load_markets()
    holds(await world.public.fetch_time() > 10**12)


@case("rest: market data")
async def _(world):
    public = world.public
    book = await public.fetch_order_book(BTC, limit=100)
    holds(len(book["bids"]) == 100 and book["bids"][0][0] < book["asks"][0][0] and book["nonce"])
    ticker = await public.fetch_ticker(BTC)
    holds(ticker["low"] <= ticker["last"] <= ticker["high"] and ticker["bid"] < ticker["ask"])
    holds({BTC, CHINESE} <= set(await public.fetch_tickers()))
    equal(set(await public.fetch_tickers([BTC, ETH])), {BTC, ETH})
    holds((await public.fetch_bids_asks([BTC]))[BTC]["bid"])
    holds((await public.fetch_last_prices([BTC]))[BTC]["price"])
    for row in await public.fetch_ohlcv(BTC, "1s", limit=3):
        holds(row[3] <= row[1] <= row[2])
    trades = await public.fetch_trades(BTC, limit=10)
    holds(len(trades) == 10 and all(one["amount"] > 0 for one in trades))
    raw = await public.fetch_trades(BTC, limit=10, params={"fetchTradesMethod": "publicGetTrades"})
    holds(all(abs(one["price"] * one["amount"] - one["cost"]) < 1e-6 for one in raw))
    holds((await public.fetch_ticker(CHINESE))["last"])


@case("rest: balance and fees")
async def _(world):
    balance = await world.alice.fetch_balance()
    equal((balance["USDT"]["total"], balance["BTC"]["free"]), (1_000_000.0, 50.0))


@case("rest: a limit order's life")
async def _(world):
    alice = world.alice
    order = await alice.create_order(BTC, "limit", "buy", 0.01, await world.far())
    equal((order["status"], order["filled"], order["type"]), ("open", 0.0, "limit"))
    equal((await alice.fetch_order(order["id"], BTC))["status"], "open")
    holds(order["id"] in [one["id"] for one in await alice.fetch_open_orders(BTC)])
    edited = await alice.edit_order(order["id"], BTC, "limit", "buy", 0.02, await world.far(0.91))
    equal(edited["amount"], 0.02)
    equal((await alice.cancel_order(edited["id"], BTC))["status"], "canceled")
    holds(edited["id"] in [one["id"] for one in await alice.fetch_canceled_orders(BTC)])
    holds(len(await alice.fetch_orders(BTC)) >= 2)


@case("rest: market orders and trades")
async def _(world):
    alice = world.alice
    bought = await alice.create_order(BTC, "market", "buy", 0.01)
    equal((bought["status"], bought["filled"]), ("closed", 0.01))
    mine = await alice.fetch_order_trades(bought["id"], BTC)
    equal([one["id"] for one in mine], [one["id"] for one in bought["trades"]])
    equal({one["fee"]["currency"] for one in mine} <= {"BTC", "BNB"}, True)
    by_cost = await alice.create_market_buy_order_with_cost(BTC, 100)
    holds(99 < by_cost["cost"] <= 100, by_cost["cost"])
    await alice.create_order(BTC, "market", "sell", 0.01)
    holds([one["side"] for one in await alice.fetch_my_trades(BTC)][-1] == "sell")
    holds(bought["id"] in [one["id"] for one in await alice.fetch_closed_orders(BTC)])


@case("rest: every kind of order")
async def _(world):
    alice, below, above = world.alice, await world.far(), await world.far(1.1)
    placed = [
        await alice.create_order(BTC, "limit", "buy", 0.01, below, {"postOnly": True}),
        await alice.create_order(BTC, "limit", "buy", 0.01, below, {"timeInForce": "GTC", "clientOrderId": "mine-1"}),
        await alice.create_stop_limit_order(BTC, "sell", 0.01, below, below),
        await alice.create_order(BTC, "market", "sell", 0.01, None, {"stopLossPrice": below}),
        await alice.create_order(BTC, "market", "sell", 0.01, None, {"takeProfitPrice": above}),
        await alice.create_order(BTC, "limit", "sell", 0.01, above, {"takeProfitPrice": above}),
        await alice.create_order(BTC, "limit", "sell", 0.01, above, {"stopLossPrice": below}),
    ]
    kinds = [one["info"]["type"] for one in placed]
    equal(kinds, ["LIMIT_MAKER", "LIMIT", "STOP_LOSS_LIMIT", "STOP_LOSS", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT", "STOP_LOSS_LIMIT"])
    equal((await alice.fetch_order(None, BTC, {"clientOrderId": "mine-1"}))["id"], placed[1]["id"])
    equal(len(await alice.fetch_open_orders()), len(placed))
    equal(len(await alice.cancel_all_orders(BTC)), len(placed))
    expired = await alice.create_order(BTC, "limit", "buy", 0.01, below, {"timeInForce": "IOC"})
    equal(expired["status"], "expired")
    test = await alice.create_order(BTC, "market", "buy", 0.01, None, {"test": True})
    equal(test["info"], {})


@case("rest: order lists, by the implicit calls")
async def _(world):
    alice, below, above = world.alice, await world.far(), await world.far(1.1)
    placed = await alice.private_post_orderlist_oco({
        "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", "aboveType": "LIMIT_MAKER", "abovePrice": str(above),
        "belowType": "STOP_LOSS", "belowStopPrice": str(below),
    })
    equal(placed["contingencyType"], "OCO")
    found = await alice.private_get_orderlist({"orderListId": placed["orderListId"]})
    equal(found["listOrderStatus"], "EXECUTING")
    gone = await alice.private_delete_orderlist({"symbol": "BTCUSDT", "orderListId": placed["orderListId"]})
    equal(gone["listOrderStatus"], "ALL_DONE")


@case("rest: the blocking client")
def _(world):
    blocking = client(ccxt.binance, world.exchange, world.exchange.bob)
    holds(BTC in blocking.load_markets())
    order = blocking.create_order(BTC, "market", "buy", 0.01)
    equal(order["status"], "closed")
    equal(blocking.fetch_my_trades(BTC)[-1]["order"], order["id"])
    raises_now(ccxt.BadSymbol, lambda: blocking.public_get_depth({"symbol": "NONE"}), text="-1121")


@case("rest: Ed25519 and RSA keys")
async def _(world):
    keys = world.exchange.alice
    for api_key, private in ((keys.ed25519_key, keys.ed25519_private), (keys.rsa_key, keys.rsa_private)):
        signer = client(ccxt.pro.binance, world.exchange, apiKey=api_key, secret=private)
        try:
            equal((await signer.create_order(BTC, "market", "buy", 0.001))["status"], "closed")
        finally:
            await signer.close()


# --- errors ----------------------------------------------------------------------------------------------------------


@case("errors as types of ccxt")
async def _(world):
    alice, below = world.alice, await world.far()
    for kind, call, text in (
        (ccxt.InsufficientFunds, alice.create_order(BTC, "limit", "buy", 30, below), "insufficient balance"),
        (ccxt.OrderNotFound, alice.cancel_order("999999999", BTC), "-2011"),
        (ccxt.OrderNotFound, alice.fetch_order("999999999", BTC), "-2013"),
        (ccxt.InvalidOrder, alice.private_post_order(
            {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "1.234"}), "PRICE_FILTER"),
        (ccxt.OrderImmediatelyFillable, alice.create_order(BTC, "limit", "buy", 0.01, await world.far(1.1), {"postOnly": True}), "immediately match"),
        (ccxt.BadSymbol, alice.public_get_klines({"symbol": "NONE", "interval": "1m"}), "-1121"),
        (ccxt.BadRequest, alice.public_get_klines({"symbol": "BTCUSDT", "interval": "7m"}), "-1120"),
        (ccxt.BadRequest, alice.public_get_depth({}), "-1102"),
    ):
        await raises(kind, call, text=text)
    reader = client(ccxt.pro.binance, world.exchange, world.exchange.reader)
    unknown = client(ccxt.pro.binance, world.exchange, apiKey="A" * 64, secret="x")
    forger = client(ccxt.pro.binance, world.exchange, apiKey=world.exchange.alice.hmac_key, secret="x")
    late = client(ccxt.pro.binance, world.exchange, world.exchange.alice)
    late.options["timeDifference"] = 60_000
    try:
        await raises(ccxt.AuthenticationError, unknown.fetch_balance(), text="-2015")
        await raises(ccxt.AuthenticationError, reader.create_order(BTC, "market", "buy", 0.01), text="-2015")
        await raises(ccxt.AuthenticationError, forger.fetch_balance(), text="-1022")
        await raises(ccxt.InvalidNonce, late.fetch_balance(), text="-1021")
        await late.load_time_difference()
        holds(await late.fetch_balance())
    finally:
        await asyncio.gather(*(one.close() for one in (reader, unknown, forger, late)))


@case("errors: RateLimitExceeded, and DDoSProtection when banned")
async def _(world):
    with Exchange() as exchange:
        greedy = client(ccxt.pro.binance, exchange)
        try:
            for _ in range(24):
                await greedy.public_get_depth({"symbol": "BTCUSDT", "limit": 5000})
            error = await raises(ccxt.NetworkError, greedy.public_get_depth({"symbol": "BTCUSDT", "limit": 5000}), text="-1003")
            holds(isinstance(error, (ccxt.RateLimitExceeded, ccxt.DDoSProtection)), type(error))
            for _ in range(20):
                await raises(ccxt.NetworkError, greedy.public_get_ping())
            await raises(ccxt.DDoSProtection, greedy.public_get_ping(), text="IP banned")
        finally:
            await greedy.close()


# --- ccxt.pro --------------------------------------------------------------------------------------------------------


@case("watch: market data")
async def _(world):
    public = world.public
    trades = await public.watch_trades(BTC)
    holds(trades[0]["symbol"] == BTC and trades[0]["price"] > 0)
    holds((await public.watch_trades_for_symbols([BTC, ETH]))[0]["symbol"] in (BTC, ETH))
    ticker = await public.watch_ticker(BTC)
    holds(ticker["last"] > 0)
    holds(set(await public.watch_tickers([BTC, ETH])) & {BTC, ETH})
    holds((await public.watch_bids_asks([BTC]))[BTC]["bid"] > 0)
    equal(len((await public.watch_ohlcv(BTC, "1s"))[-1]), 6)
    holds((await public.watch_ohlcv_for_symbols([[ETH, "1m"]]))[ETH]["1m"])
    holds((await public.watch_ticker(CHINESE))["last"] > 0)


@case("watch: the order book converges")
async def _(world):
    public = client(ccxt.pro.binance, world.exchange)
    try:
        for _ in range(5):
            book = await public.watch_order_book(BTC, 5000)
            holds(book["bids"][0][0] < book["asks"][0][0])
        world.exchange.pause()
        real = await public.fetch_order_book(BTC, 5000)
        while book["nonce"] != real["nonce"]:
            book = await asyncio.wait_for(public.watch_order_book(BTC, 5000), 5)
        equal([level[:2] for level in book["bids"]], real["bids"])
        equal([level[:2] for level in book["asks"]], real["asks"])
    finally:
        world.exchange.pause(False)
        await public.close()


@case("watch: on it goes after a cut")
async def _(world):
    public = client(ccxt.pro.binance, world.exchange)
    try:
        await public.watch_trades(BTC)
        waiting = asyncio.ensure_future(public.watch_ticker("SOL/USDT"))
        await asyncio.sleep(0)
        world.exchange.control("DELETE", "/connections")
        try:
            await waiting
        except ccxt.NetworkError:
            pass
        holds((await public.watch_trades(BTC))[-1]["price"])
    finally:
        await public.close()


@case("watch: stopping to")
async def _(world):
    public = client(ccxt.pro.binance, world.exchange)
    try:
        await public.watch_trades_for_symbols([BTC])
        await public.un_watch_trades_for_symbols([BTC])
        await public.watch_order_book_for_symbols([ETH])
        await public.un_watch_order_book_for_symbols([ETH])
        await public.watch_ohlcv(BTC, "1s")
        await public.un_watch_ohlcv(BTC, "1s")
    finally:
        await public.close()


@case("ws: order book and ticker", listed="ccxt has these for futures alone", shows="only supports swap markets")
async def _(world):
    holds((await world.alice.fetch_order_book_ws(BTC, 5))["bids"])


async def until(watching, condition, timeout=10):
    """Watches until something holds; an event before the watch began is in the next answer."""
    async with asyncio.timeout(timeout):
        while not condition(await watching()):
            pass


@case("watch: orders, trades, balance")
async def _(world):
    alice, statuses, trades, free = world.alice, {}, [], []
    gather = [
        until(lambda: alice.watch_orders(BTC), lambda news: statuses.update({one["id"]: one["status"] for one in news}), 30),
        until(lambda: alice.watch_my_trades(BTC), trades.extend, 30),
        until(alice.watch_balance, lambda news: free.append(news["BTC"]["free"]), 30),
    ]
    gather = [asyncio.ensure_future(one) for one in gather]
    try:
        await asyncio.sleep(1)
        order = await alice.create_order(BTC, "market", "buy", 0.01)
        resting = await alice.create_order(BTC, "limit", "buy", 0.01, await world.far())
        await alice.cancel_order(resting["id"], BTC)
        async with asyncio.timeout(10):
            while statuses.get(resting["id"]) != "canceled" or statuses.get(order["id"]) != "closed":
                await asyncio.sleep(0.05)
        equal({one["id"] for one in trades}, {one["id"] for one in order["trades"]})
        equal(free[-1], (await alice.fetch_balance())["BTC"]["free"])
    finally:
        for one in gather:
            one.cancel()


@case("ws: balance", listed="fetch_balance_ws reads the answer of futures, whose assets have other names, and finds none", shows="KeyError")
async def _(world):
    holds((await world.alice.fetch_balance_ws())["BTC"]["free"])


@case("ws: orders and queries")
async def _(world):
    alice = world.alice
    order = await alice.create_order_ws(BTC, "limit", "buy", 0.01, await world.far())
    equal(order["status"], "open")
    equal((await alice.fetch_order_ws(order["id"], BTC))["id"], order["id"])
    edited = await alice.edit_order_ws(order["id"], BTC, "limit", "buy", 0.02, await world.far(0.91))
    equal(edited["amount"], 0.02)
    holds(edited["id"] in [one["id"] for one in await alice.fetch_open_orders_ws(BTC)])
    equal((await alice.cancel_order_ws(edited["id"], BTC))["status"], "canceled")
    equal((await alice.create_order_ws(BTC, "market", "buy", 0.01))["status"], "closed")
    await alice.create_order_ws(BTC, "limit", "buy", 0.01, await world.far())
    equal(len(await alice.cancel_all_orders_ws(BTC)), 1)
    holds(await alice.fetch_orders_ws(BTC))
    holds(await alice.fetch_closed_orders_ws(BTC))
    holds(await alice.fetch_my_trades_ws(BTC))
    holds(await alice.fetch_trades_ws(BTC))
    holds(await alice.fetch_ohlcv_ws(BTC, "1s"))
    await raises(ccxt.OrderNotFound, alice.cancel_order_ws("999999999", BTC), text="-2011")
    await raises(ccxt.InsufficientFunds, alice.create_order_ws(BTC, "limit", "buy", 30, await world.far()), text="insufficient")


@case("over TLS, with the certificate that the exchange made")
async def _(world):
    with Exchange("--tls") as exchange:
        secure = client(ccxt.pro.binance, exchange, exchange.alice, cafile=exchange.certificate)
        try:
            holds((await secure.fetch_balance())["BTC"]["free"])
            holds((await secure.watch_trades(BTC))[0]["price"])
        finally:
            await secure.close()


@case("trading fees", listed="ccxt asks the wallet for them (/sapi), which is not part of Spot", shows="404|NotSupported|ExchangeError")
async def _(world):
    await world.alice.fetch_trading_fee(BTC)


@case("currencies", listed="ccxt asks the wallet for them (/sapi), which is not part of Spot", shows="404|NotSupported|ExchangeError")
async def _(world):
    asking = client(ccxt.pro.binance, world.exchange, world.exchange.alice)
    asking.options["fetchCurrencies"] = True
    try:
        await asking.fetch_currencies()
    finally:
        await asking.close()


async def scenario(cases):
    with Exchange("--no-limits") as exchange:
        world = World(exchange)
        await exchange.begin()
        try:
            await cases.run(world)
        finally:
            await world.close()


if __name__ == "__main__":
    main(cases, scenario)
