"""python-binance against the embedded exchange: all of Spot it knows, blocking and not, with no patch but the URL."""

import asyncio
import time
from decimal import Decimal

import aiohttp
from binance import AsyncClient, BinanceSocketManager, Client, DepthCacheManager, ThreadedDepthCacheManager
from binance import ThreadedWebsocketManager
from binance.exceptions import BinanceAPIException, BinanceWebsocketUnableToConnect
from harness import Cases, Exchange, equal, holds, in_thread, main, raises, raises_now, same_keys

cases = Cases("python-binance")
case = cases.case

SYMBOL = "BTCUSDT"
CHINESE = "币安人生USDT"


def point(exchange):
    """The URL, and nothing else."""
    for client in (Client, AsyncClient):
        client.API_URL = exchange.rest + "/api"
        client.WS_API_URL = exchange.ws_api
    BinanceSocketManager.STREAM_URL = exchange.stream + "/"


class World:
    """The exchange with everybody who is connected to it."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def open(self):
        # What is to be ended takes ten seconds each when it is silent, so all end together, and last.
        self.closing = []
        keys, other = self.exchange.alice, self.exchange.bob
        self.alice = await AsyncClient.create(keys.hmac_key, keys.hmac_secret)
        self.bob = await AsyncClient.create(other.hmac_key, other.hmac_secret)
        self.public = await AsyncClient.create()
        return self

    async def close(self):
        clients = [client.close_connection() for client in (self.alice, self.bob, self.public)]
        await asyncio.gather(*clients, *self.closing, return_exceptions=True)

    async def far(self, side="BUY", part="0.9"):
        """A price on the tick that does not trade soon."""
        price = Decimal((await self.public.get_symbol_ticker(symbol=SYMBOL))["price"])
        factor = Decimal(part) if side == "BUY" else 2 - Decimal(part)
        return str((price * factor).quantize(Decimal("0.01")))


# --- market data by REST ---------------------------------------------------------------------------------------------


@case("rest: general")
async def _(world):
    client = world.public
    equal(await client.ping(), {})
    holds(abs((await client.get_server_time())["serverTime"] - time.time() * 1000) < 60_000)
    info = await client.get_exchange_info()
    equal(info["timezone"], "UTC")
    kinds = {limit["rateLimitType"] for limit in info["rateLimits"]}
    holds({"REQUEST_WEIGHT", "ORDERS", "RAW_REQUESTS"} <= kinds, kinds)
    symbol = await client.get_symbol_info(SYMBOL)
    equal((symbol["baseAsset"], symbol["quoteAsset"], symbol["status"]), ("BTC", "USDT", "TRADING"))
    holds("LOT_SIZE" in {one["filterType"] for one in symbol["filters"]})
    equal((await client.get_symbol_info(CHINESE))["baseAsset"], "币安人生")
    equal(await client.get_symbol_info("NONE"), None)


@case("rest: order book")
async def _(world):
    for limit in (5, 100, 1000):
        book = await world.public.get_order_book(symbol=SYMBOL, limit=limit)
        holds(book["lastUpdateId"] > 0 and 0 < len(book["bids"]) <= limit)
        bids, asks = [[Decimal(level[0]) for level in book[side]] for side in ("bids", "asks")]
        holds(bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0])
    holds((await world.public.get_order_book(symbol=CHINESE))["asks"])


@case("rest: trades")
async def _(world):
    client = world.public
    trades = await client.get_recent_trades(symbol=SYMBOL, limit=20)
    equal(len(trades), 20)
    holds(all(Decimal(one["price"]) * Decimal(one["qty"]) == Decimal(one["quoteQty"]) for one in trades))
    older = await client.get_historical_trades(symbol=SYMBOL, limit=3, fromId=trades[0]["id"])
    equal(older, trades[:3])
    aggregates = await client.get_aggregate_trades(symbol=SYMBOL, limit=5)
    holds(all(one["f"] <= one["l"] for one in aggregates))
    seen = []
    async for one in client.aggregate_trade_iter(symbol=SYMBOL, last_id=aggregates[0]["a"]):
        seen.append(one["a"])
        if len(seen) >= 3:
            break
    equal(seen, [aggregates[0]["a"] + step for step in (1, 2, 3)])


@case("rest: klines")
async def _(world):
    client = world.public
    for interval in ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"):
        rows = await client.get_klines(symbol=SYMBOL, interval=interval, limit=3)
        holds(rows and all(len(row) == 12 for row in rows), interval)
        holds(all(Decimal(row[3]) <= Decimal(row[1]) <= Decimal(row[2]) for row in rows), interval)
    equal(len(await client.get_ui_klines(symbol=SYMBOL, interval="1s", limit=2)), 2)
    holds(await client.get_klines(symbol=SYMBOL, interval="1d", timeZone="8"))
    minutes = await client.get_historical_klines(SYMBOL, "1s", "1 minute ago UTC")
    holds(2 <= len(minutes) <= 62, len(minutes))
    holds(await client._get_earliest_valid_timestamp(SYMBOL, "1m") > 0)
    generated = [row async for row in await client.get_historical_klines_generator(SYMBOL, "1s", "20 seconds ago UTC")]
    holds(2 <= len(generated) <= 22, len(generated))


@case("rest: tickers")
async def _(world):
    client = world.public
    names = {one["symbol"] for one in await client.get_all_tickers()}
    holds({SYMBOL, CHINESE} <= names)
    holds(len(await client.get_orderbook_tickers()) == len(names))
    day = await client.get_ticker(symbol=SYMBOL)
    holds(Decimal(day["lowPrice"]) <= Decimal(day["lastPrice"]) <= Decimal(day["highPrice"]))
    equal(day["lastId"] - day["firstId"] + 1, day["count"])
    equal(len(await client.get_ticker()), len(names))
    equal((await client.get_symbol_ticker(symbol=CHINESE))["symbol"], CHINESE)
    window = await client.get_symbol_ticker_window(symbol=SYMBOL, windowSize="1h")
    holds(window["closeTime"] > window["openTime"] and window["openTime"] % 60_000 == 0)
    best = await client.get_orderbook_ticker(symbol=SYMBOL)
    holds(Decimal(best["bidPrice"]) < Decimal(best["askPrice"]))
    average = await client.get_avg_price(symbol=SYMBOL)
    holds(average["mins"] == 5 and Decimal(average["price"]) > 0)
    trading_day = await client.v3_get_ticker_trading_day(symbol=SYMBOL)
    equal(trading_day["closeTime"] - trading_day["openTime"], 86_399_999)


@case("rest: microseconds")
async def _(world):
    client = await AsyncClient.create(time_unit="MICROSECOND")
    try:
        holds((await client.get_server_time())["serverTime"] > 10**15)
        holds((await client.get_recent_trades(symbol=SYMBOL, limit=1))[0]["time"] > 10**15)
    finally:
        await client.close_connection()


# --- orders by REST --------------------------------------------------------------------------------------------------


@case("rest: account")
async def _(world):
    account = await world.alice.get_account()
    equal((account["canTrade"], account["accountType"]), (True, "SPOT"))
    balance = {one["asset"]: one for one in account["balances"]}
    equal(Decimal(balance["USDT"]["free"]), 1_000_000)
    equal((await world.alice.get_asset_balance(asset="BTC"))["free"], "50.00000000")
    commission = await world.alice.v3_get_account_commission(symbol=SYMBOL)
    equal(commission["standardCommission"]["taker"], "0.00100000")
    counts = await world.alice.get_current_order_count()
    equal([one["interval"] for one in counts], ["SECOND", "DAY"])


@case("rest: a limit order's life")
async def _(world):
    client, price = world.alice, await world.far()
    await client.create_test_order(symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price=price)
    order = await client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=price)
    equal((order["status"], order["price"], order["fills"]), ("NEW", price + "000000", []))
    holds(order["clientOrderId"].startswith(client.SPOT_ORDER_PREFIX))
    found = await client.get_order(symbol=SYMBOL, orderId=order["orderId"])
    equal((found["status"], found["isWorking"]), ("NEW", True))
    equal(found, await client.get_order(symbol=SYMBOL, origClientOrderId=order["clientOrderId"]))
    holds(order["orderId"] in {one["orderId"] for one in await client.get_open_orders(symbol=SYMBOL)})
    holds(order["orderId"] in {one["orderId"] for one in await client.get_open_orders()})
    locked = (await client.get_asset_balance(asset="USDT"))["locked"]
    equal(Decimal(locked), Decimal(price) * Decimal("0.01"))
    cancelled = await client.cancel_order(symbol=SYMBOL, orderId=order["orderId"])
    equal((cancelled["status"], cancelled["origClientOrderId"]), ("CANCELED", order["clientOrderId"]))
    equal(Decimal((await client.get_asset_balance(asset="USDT"))["locked"]), 0)
    everything = await client.get_all_orders(symbol=SYMBOL)
    equal([one["status"] for one in everything if one["orderId"] == order["orderId"]], ["CANCELED"])


@case("rest: market orders and their trades")
async def _(world):
    client = world.alice
    before = Decimal((await client.get_asset_balance(asset="BTC"))["free"])
    bought = await client.order_market_buy(symbol=SYMBOL, quantity="0.02")
    equal((bought["status"], bought["executedQty"]), ("FILLED", "0.02000000"))
    equal(sum(Decimal(fill["qty"]) for fill in bought["fills"]), Decimal("0.02"))
    fees = sum(Decimal(fill["commission"]) for fill in bought["fills"] if fill["commissionAsset"] == "BTC")
    after = Decimal((await client.get_asset_balance(asset="BTC"))["free"])
    equal(after, before + Decimal("0.02") - fees)
    trades = await client.get_my_trades(symbol=SYMBOL, orderId=bought["orderId"])
    equal([one["id"] for one in trades], [fill["tradeId"] for fill in bought["fills"]])
    public = {one["id"]: one for one in await client.get_recent_trades(symbol=SYMBOL, limit=1000)}
    holds(all(public[one["id"]]["price"] == one["price"] and public[one["id"]]["qty"] == one["qty"] for one in trades))
    by_quote = await client.order_market_buy(symbol=SYMBOL, quoteOrderQty="100")
    holds(99 < Decimal(by_quote["cummulativeQuoteQty"]) <= 100, by_quote["cummulativeQuoteQty"])
    sold = await client.order_market_sell(symbol=SYMBOL, quantity="0.02")
    equal((sold["side"], sold["status"]), ("SELL", "FILLED"))
    equal({fill["commissionAsset"] for fill in sold["fills"]}, {"USDT"})


@case("rest: every kind of order")
async def _(world):
    client = world.alice
    below, above = await world.far(), await world.far("SELL")
    common = {"symbol": SYMBOL, "quantity": "0.01"}
    for order in (
        {"side": "BUY", "type": "LIMIT_MAKER", "price": below},
        {"side": "SELL", "type": "STOP_LOSS", "stopPrice": below},
        {"side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": below, "price": below, "timeInForce": "GTC"},
        {"side": "SELL", "type": "TAKE_PROFIT", "stopPrice": above},
        {"side": "SELL", "type": "TAKE_PROFIT_LIMIT", "stopPrice": above, "price": above, "timeInForce": "GTC"},
    ):
        placed = await client.create_order(**common, **order, newOrderRespType="RESULT")
        equal((placed["type"], placed["status"]), (order["type"], "NEW"))
        found = await client.get_order(symbol=SYMBOL, orderId=placed["orderId"])
        equal(found["isWorking"], order["type"] == "LIMIT_MAKER")
        await client.cancel_order(symbol=SYMBOL, orderId=placed["orderId"])
    for time_in_force in ("IOC", "FOK"):
        expired = await client.create_order(**common, side="BUY", type="LIMIT", price=below, timeInForce=time_in_force)
        equal((expired["status"], expired["executedQty"]), ("EXPIRED", "0.00000000"))
    filled = await client.create_order(**common, side="BUY", type="LIMIT", price=above, timeInForce="FOK")
    equal(filled["status"], "FILLED")
    acknowledged = await client.create_order(**common, side="SELL", type="MARKET", newOrderRespType="ACK")
    same_keys(acknowledged, "symbol", "orderId", "orderListId", "clientOrderId", "transactTime")


@case("rest: cancel and replace, cancel all")
async def _(world):
    client, price = world.alice, await world.far()
    first = await client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=price)
    both = await client.cancel_replace_order(
        symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.02", price=price,
        cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=first["orderId"],
    )
    equal((both["cancelResult"], both["newOrderResult"]), ("SUCCESS", "SUCCESS"))
    equal(both["newOrderResponse"]["origQty"], "0.02000000")
    await raises(
        BinanceAPIException,
        client.cancel_replace_order(
            symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.02", price=price,
            cancelReplaceMode="ALLOW_FAILURE", cancelOrderId=first["orderId"],
        ),
        code=-2021, status_code=409,
    )
    await raises(
        BinanceAPIException,
        client.cancel_replace_order(
            symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.02", price=price,
            cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=first["orderId"],
        ),
        code=-2022, status_code=400,
    )
    gone = await client.cancel_all_open_orders(symbol=SYMBOL)
    equal([one["status"] for one in gone], ["CANCELED", "CANCELED"])
    equal(await client.get_open_orders(symbol=SYMBOL), [])


@case("rest: one order meets another")
async def _(world):
    spread = await world.public.get_orderbook_ticker(symbol=CHINESE)
    price = (Decimal(spread["bidPrice"]) * Decimal("0.95")).quantize(Decimal("0.00001"))
    resting = await world.alice.order_limit_buy(symbol=CHINESE, quantity="100", price=str(price))
    book = await world.public.get_order_book(symbol=CHINESE, limit=5000)
    holds(any(Decimal(level[0]) == price for level in book["bids"]))
    await world.alice.cancel_order(symbol=CHINESE, orderId=resting["orderId"])
    # Behind those who were there before, while the market rests; and then all of them are bought.
    world.exchange.pause()
    try:
        best = await world.public.get_orderbook_ticker(symbol=CHINESE)
        maker = await world.alice.order_limit_sell(symbol=CHINESE, quantity="100", price=best["askPrice"])
        quantity = str(Decimal(best["askQty"]) + 100)
        taker = await world.bob.order_limit_buy(symbol=CHINESE, quantity=quantity, price=best["askPrice"])
    finally:
        world.exchange.pause(False)
    equal((taker["status"], taker["executedQty"]), ("FILLED", taker["origQty"]))
    equal((await world.alice.get_order(symbol=CHINESE, orderId=maker["orderId"]))["status"], "FILLED")
    [mine] = await world.alice.get_my_trades(symbol=CHINESE, orderId=maker["orderId"])
    equal((mine["id"], mine["qty"]), (taker["fills"][-1]["tradeId"], "100.00000000"))
    equal((mine["isMaker"], mine["isBuyer"]), (True, False))


@case("rest: order lists")
async def _(world):
    client = world.alice
    below, above = await world.far(), await world.far("SELL")
    placed = await client.order_oco_sell(
        symbol=SYMBOL, quantity="0.01", aboveType="LIMIT_MAKER", abovePrice=above,
        belowType="STOP_LOSS_LIMIT", belowStopPrice=below, belowPrice=below, belowTimeInForce="GTC",
    )
    equal((placed["contingencyType"], placed["listStatusType"], placed["listOrderStatus"]), ("OCO", "EXEC_STARTED", "EXECUTING"))
    equal({one["type"] for one in placed["orderReports"]}, {"LIMIT_MAKER", "STOP_LOSS_LIMIT"})
    found = await client.v3_get_order_list(orderListId=placed["orderListId"])
    equal(found["orders"], placed["orders"])
    holds(placed["orderListId"] in {one["orderListId"] for one in await client.get_open_oco_orders()})
    holds(placed["orderListId"] in {one["orderListId"] for one in await client.v3_get_all_order_list()})
    gone = await client.v3_delete_order_list(symbol=SYMBOL, orderListId=placed["orderListId"])
    equal((gone["listOrderStatus"], len(gone["orderReports"])), ("ALL_DONE", 2))
    bought = await client.order_oco_buy(
        symbol=SYMBOL, quantity="0.01", aboveType="STOP_LOSS_LIMIT", aboveStopPrice=above, abovePrice=above,
        aboveTimeInForce="GTC", belowType="LIMIT_MAKER", belowPrice=below,
    )
    await client.cancel_order(symbol=SYMBOL, orderId=bought["orders"][0]["orderId"])
    equal((await client.v3_get_order_list(orderListId=bought["orderListId"]))["listOrderStatus"], "ALL_DONE")
    equal(await client.get_open_oco_orders(), [])


@case("rest: lists in which an order triggers others")
async def _(world):
    client, below, above = world.alice, await world.far(), await world.far("SELL")
    working = {
        "symbol": SYMBOL, "workingType": "LIMIT", "workingSide": "BUY", "workingPrice": below,
        "workingQuantity": "0.01", "workingTimeInForce": "GTC", "pendingQuantity": "0.01", "pendingSide": "SELL",
    }
    two = await client.v3_post_order_list_oto(
        **working, pendingType="LIMIT", pendingPrice=above, pendingTimeInForce="GTC"
    )
    equal((two["contingencyType"], [one["status"] for one in two["orderReports"]]), ("OTO", ["NEW", "PENDING_NEW"]))
    three = await client.v3_post_order_list_otoco(
        **working, pendingAboveType="LIMIT_MAKER", pendingAbovePrice=above, pendingBelowType="STOP_LOSS",
        pendingBelowStopPrice=below,
    )
    equal(len(three["orders"]), 3)
    gone = await client.cancel_all_open_orders(symbol=SYMBOL)
    equal({one["listOrderStatus"] for one in gone}, {"ALL_DONE"})


@case("rest: smart order routing, prevented matches")
async def _(world):
    client, above = world.alice, await world.far("SELL")
    order = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": above}
    equal(await client.v3_post_sor_order_test(**order), {})
    routed = await client.v3_post_sor_order(**order)
    equal((routed["status"], routed["usedSor"], routed["workingFloor"]), ("FILLED", True, "SOR"))
    allocations = await client.get_allocations(symbol=SYMBOL)
    equal(len(allocations), len([fill for fill in routed["fills"] if fill["matchType"] == "ONE_PARTY_TRADE_REPORT"]))
    equal(await client.get_prevented_matches(symbol=SYMBOL, orderId=routed["orderId"]), [])


# --- errors ----------------------------------------------------------------------------------------------------------


@case("errors: BinanceAPIException with the code and the words")
async def _(world):
    client = world.alice
    price = await world.far()
    limit = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    for call, code, message in (
        (client.get_order_book(symbol="NONE"), -1121, "Invalid symbol."),
        (client.get_order_book(), -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        (client.get_order_book(symbol="btcusdt"), -1100, "Illegal characters found in parameter 'symbol'"),
        (client.get_klines(symbol=SYMBOL, interval="7m"), -1120, "Invalid interval."),
        (client.get_order(symbol=SYMBOL, orderId=999_999_999), -2013, "Order does not exist."),
        (client.cancel_order(symbol=SYMBOL, orderId=999_999_999), -2011, "Unknown order sent."),
        (client.create_order(**limit, quantity="0.01", price="1.234"), -1013, "Filter failure: PRICE_FILTER"),
        (client.create_order(**limit, quantity="0.000001", price=price), -1013, "Filter failure: LOT_SIZE"),
        (client.create_order(**limit, quantity="0.00001", price=price), -1013, "Filter failure: NOTIONAL"),
        (client.create_order(**limit, quantity="30", price=price), -2010, "Account has insufficient balance"),
        (client.create_order(**limit, quantity="0.01"), -1102, "Mandatory parameter 'price'"),
        (client.create_order(symbol=SYMBOL, side="LEFT", type="MARKET", quantity="1"), -1117, "Invalid side."),
        (client.create_order(symbol=SYMBOL, side="BUY", type="MAYBE", quantity="1"), -1116, "Invalid orderType."),
        (client.get_my_trades(symbol=SYMBOL, fromId=1, startTime=1), -1128, "Combination of optional parameters invalid."),
        (client.get_order_book(symbol=SYMBOL, colour="red"), -1104, "read '1' parameter(s) but was sent '2'"),
    ):
        await raises(BinanceAPIException, call, code=code, message=message, status_code=400)
    wrong = await AsyncClient.create(world.exchange.alice.hmac_key, "wrong")
    unknown = await AsyncClient.create("A" * 64, "wrong")
    reader = world.exchange.reader
    reading = await AsyncClient.create(reader.hmac_key, reader.hmac_secret)
    try:
        await raises(BinanceAPIException, wrong.get_account(), code=-1022, status_code=400)
        await raises(BinanceAPIException, unknown.get_account(), code=-2015, status_code=401)
        await raises(BinanceAPIException, reading.order_market_buy(symbol=SYMBOL, quantity="1"), code=-2015, status_code=401)
        holds(await reading.get_account())
        wrong.API_SECRET, wrong.timestamp_offset = world.exchange.alice.hmac_secret, -60_000
        await raises(BinanceAPIException, wrong.get_account(), code=-1021, message="outside of the recvWindow")
        wrong.timestamp_offset = 60_000
        await raises(BinanceAPIException, wrong.get_account(), code=-1021, message="1000ms ahead")
    finally:
        for one in (wrong, unknown, reading):
            await one.close_connection()


@case("errors: 429 and 418")
async def _(world):
    with Exchange() as exchange:
        client = AsyncClient()
        client.API_URL = exchange.rest + "/api"
        try:
            for _ in range(24):
                await client.get_order_book(symbol=SYMBOL, limit=5000)
            equal(client.response.headers["x-mbx-used-weight-1m"], "6000")
            await raises(BinanceAPIException, client.get_order_book(symbol=SYMBOL, limit=5000), code=-1003, status_code=429)
            holds(1 <= int(client.response.headers["retry-after"]) <= 60)
            for _ in range(20):
                await raises(BinanceAPIException, client.ping(), code=-1003)
            await raises(BinanceAPIException, client.ping(), status_code=418, message="Way too much request weight used; IP banned")
        finally:
            await client.close_connection()


# --- the other keys, the blocking client -----------------------------------------------------------------------------


@case("keys: Ed25519 and RSA")
async def _(world):
    keys, price = world.exchange.alice, await world.far()
    for api_key, private in ((keys.ed25519_key, keys.ed25519_private), (keys.rsa_key, keys.rsa_private)):
        client = await AsyncClient.create(api_key, private_key=private)
        try:
            holds(await client.get_account())
            order = await client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=price)
            await client.cancel_order(symbol=SYMBOL, orderId=order["orderId"])
            equal((await client.ws_get_order(symbol=SYMBOL, orderId=order["orderId"]))["status"], "CANCELED")
        finally:
            world.closing.append(client.close_connection())


@case("Client: the blocking one")
def _(world):
    keys = world.exchange.bob
    client = Client(keys.hmac_key, keys.hmac_secret)
    holds(client.get_symbol_info(SYMBOL)["status"] == "TRADING")
    holds(len(client.get_order_book(symbol=SYMBOL)["bids"]) == 100)
    holds(len(client.get_historical_klines(SYMBOL, "1s", "1 minute ago UTC")) >= 2)
    order = client.order_market_buy(symbol=SYMBOL, quantity="0.01")
    equal(order["status"], "FILLED")
    equal(client.get_my_trades(symbol=SYMBOL, orderId=order["orderId"])[0]["orderId"], order["orderId"])
    raises_now(BinanceAPIException, lambda: client.get_klines(symbol="NONE", interval="1m"), code=-1121)
    raises_now(
        BinanceAPIException,
        lambda: client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price="0.001"),
        code=-1013,
        message="Filter failure: PRICE_FILTER",
    )
    equal(client.ws_get_time().keys(), {"serverTime"})
    equal(client.ws_get_order(symbol=SYMBOL, orderId=order["orderId"])["status"], "FILLED")
    client.close_connection()


@case("over TLS, with the certificate that the exchange made")
async def _(world):
    with Exchange("--tls") as exchange:
        before = world.exchange
        point(exchange)
        keys = exchange.alice
        session = {"connector": aiohttp.TCPConnector(ssl=exchange.trust)}
        client = await AsyncClient.create(keys.hmac_key, keys.hmac_secret, session_params=session)
        try:
            equal((await client.order_market_buy(symbol=SYMBOL, quantity="0.01"))["status"], "FILLED")
            manager = BinanceSocketManager(client)
            manager.ws_kwargs = {"ssl": exchange.trust}
            async with manager.trade_socket(SYMBOL) as stream:
                equal((await stream.recv())["e"], "trade")
        finally:
            point(before)
            await client.session.close()
        blocking = await in_thread(secure, exchange)
        holds(blocking["serverTime"])


def secure(exchange):
    client = Client(requests_params={"verify": exchange.certificate}, ping=False)
    client.API_URL = exchange.rest + "/api"
    return client.get_server_time()


# --- the WebSocket API -----------------------------------------------------------------------------------------------


@case("ws: market data")
async def _(world):
    client = world.public
    equal(await client.ws_ping(), {})
    holds(await client.ws_get_time())
    equal((await client.ws_get_exchange_info(symbol=SYMBOL))["symbols"][0]["symbol"], SYMBOL)
    holds((await client.ws_get_order_book(symbol=SYMBOL))["bids"])
    holds(await client.ws_get_recent_trades(symbol=SYMBOL))
    holds(await client.ws_get_historical_trades(symbol=SYMBOL, fromId=1))
    holds(await client.ws_get_aggregate_trades(symbol=SYMBOL))
    holds(await client.ws_get_klines(symbol=SYMBOL, interval="1m"))
    holds(await client.ws_get_uiKlines(symbol=SYMBOL, interval="1m"))
    holds(await client.ws_get_avg_price(symbol=SYMBOL))
    equal((await client.ws_get_ticker(symbol=SYMBOL))["symbol"], SYMBOL)
    equal((await client.ws_get_trading_day_ticker(symbol=SYMBOL))["symbol"], SYMBOL)
    equal((await client.ws_get_symbol_ticker_window(symbol=SYMBOL))["symbol"], SYMBOL)
    equal((await client.ws_get_symbol_ticker(symbol=CHINESE))["symbol"], CHINESE)
    equal((await client.ws_get_orderbook_ticker(symbol=SYMBOL))["symbol"], SYMBOL)
    await raises(BinanceAPIException, client.ws_get_order_book(symbol="NONE"), code=-1121, status_code=400)


@case("ws: orders")
async def _(world):
    client, price = world.alice, await world.far()
    equal(await client.ws_create_test_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01"), {})
    order = await client.ws_order_limit_buy(symbol=SYMBOL, quantity="0.01", price=price)
    equal(order["status"], "NEW")
    equal((await client.ws_get_order(symbol=SYMBOL, orderId=order["orderId"]))["status"], "NEW")
    holds(order["orderId"] in {one["orderId"] for one in await client.ws_get_open_orders(symbol=SYMBOL)})
    both = await client.ws_cancel_and_replace_order(
        symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.02", price=price,
        cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=order["orderId"],
    )
    new = both["newOrderResponse"]["orderId"]
    equal((await client.ws_cancel_order(symbol=SYMBOL, orderId=new))["status"], "CANCELED")
    for call in (client.ws_order_market_buy, client.ws_order_market_sell):
        equal((await call(symbol=SYMBOL, quantity="0.01"))["status"], "FILLED")
    await client.ws_order_limit_sell(symbol=SYMBOL, quantity="0.01", price=await world.far("SELL"))
    equal(len(await client.ws_cancel_all_open_orders(symbol=SYMBOL)), 1)
    holds(await client.ws_get_all_orders(symbol=SYMBOL))
    holds(await client.ws_get_my_trades(symbol=SYMBOL))
    holds(await client.ws_get_account())
    equal(len(await client.ws_get_account_rate_limits_orders()), 2)
    equal((await client.ws_get_commission_rates(symbol=SYMBOL))["symbol"], SYMBOL)
    error = await raises(BinanceAPIException, client.ws_get_order(symbol=SYMBOL, orderId=999_999_999), code=-2013)
    equal(error.status_code, 400)
    await raises(BinanceAPIException, client.ws_order_limit_buy(symbol=SYMBOL, quantity="0.01", price="0"), code=-1013)


@case("ws: order lists and smart order routing")
async def _(world):
    client = world.alice
    below, above = await world.far(), await world.far("SELL")
    working = {
        "symbol": SYMBOL, "workingType": "LIMIT", "workingSide": "BUY", "workingPrice": below,
        "workingQuantity": "0.01", "workingTimeInForce": "GTC", "pendingQuantity": "0.01", "pendingSide": "SELL",
    }
    two = await client.ws_create_oto_order(**working, pendingType="LIMIT", pendingPrice=above, pendingTimeInForce="GTC")
    three = await client.ws_create_otoco_order(
        **working, pendingAboveType="LIMIT_MAKER", pendingAbovePrice=above, pendingBelowType="STOP_LOSS",
        pendingBelowStopPrice=below,
    )
    for made, count in ((two, 2), (three, 3)):
        equal(len(made["orders"]), count)
        await client.ws_cancel_oco_order(symbol=SYMBOL, orderListId=made["orderListId"])
    sor = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": above}
    equal(await client.ws_create_test_sor_order(**sor), {})
    equal([one["status"] for one in await client.ws_create_sor_order(**sor)], ["FILLED"])
    await client.ws_get_allocations(symbol=SYMBOL)
    equal(await client.ws_get_prevented_matches(symbol=SYMBOL, orderId=1), [])
    placed = await client.ws_create_oco_order(
        symbol=SYMBOL, side="SELL", quantity="0.01", aboveType="LIMIT_MAKER", abovePrice=above,
        belowType="STOP_LOSS_LIMIT", belowStopPrice=below, belowPrice=below, belowTimeInForce="GTC",
    )
    equal((await client.ws_get_oco_order(orderListId=placed["orderListId"]))["listOrderStatus"], "EXECUTING")
    equal(len(await client.ws_get_oco_open_orders()), 1)
    gone = await client.ws_cancel_oco_order(symbol=SYMBOL, orderListId=placed["orderListId"])
    equal(gone["listOrderStatus"], "ALL_DONE")


# --- streams ---------------------------------------------------------------------------------------------------------


async def receive(socket, until=lambda event: True, count=1, limit=15):
    """The next events for which `until` holds."""
    found = []
    async with asyncio.timeout(limit):
        while len(found) < count:
            event = await socket.recv()
            holds(not (isinstance(event, dict) and event.get("e") == "error"), event)
            if until(event):
                found.append(event)
    return found


@case("streams: every market socket")
async def _(world):
    manager = BinanceSocketManager(world.public, max_queue_size=10_000)
    depth = manager.WEBSOCKET_DEPTH_5

    async def listen(socket, event, fields):
        async with socket as stream:
            [first] = await receive(stream)
            row = first[0] if isinstance(first, list) else first
            equal(row.get("e"), event)
            holds(set(fields) <= set(row), row)

    await asyncio.gather(
        listen(manager.depth_socket(SYMBOL), "depthUpdate", "EsUuba"),
        listen(manager.depth_socket(SYMBOL, interval=100), "depthUpdate", "EsUuba"),
        listen(manager.depth_socket(SYMBOL, depth=depth), None, ("lastUpdateId", "bids", "asks")),
        listen(manager.depth_socket(SYMBOL, depth="20", interval=100), None, ("lastUpdateId", "bids", "asks")),
        listen(manager.kline_socket(SYMBOL), "kline", "Esk"),
        listen(manager.kline_socket(SYMBOL, interval="1s"), "kline", "Esk"),
        listen(manager.miniticker_socket(), "24hrMiniTicker", "Escohlvq"),
        listen(manager.trade_socket(SYMBOL), "trade", "EstpqTmM"),
        listen(manager.aggtrade_socket(SYMBOL), "aggTrade", "EsapqflTmM"),
        listen(manager.symbol_miniticker_socket(SYMBOL), "24hrMiniTicker", "Escohlvq"),
        listen(manager.symbol_ticker_socket(SYMBOL), "24hrTicker", "EspPwxcQbBaAohlvqOCFLn"),
        listen(manager.symbol_book_ticker_socket(SYMBOL), None, "usbBaA"),
        listen(manager.trade_socket(CHINESE), "trade", "EstpqTmM"),
    )


@case("streams: all tickers")
async def _(world):
    async with BinanceSocketManager(world.public).ticker_socket() as stream:
        [events] = await receive(stream)
        equal(events[0]["e"], "24hrTicker")


@case("streams: all book tickers", listed="!bookTicker is no longer a stream of the exchange", shows="TimeoutError")
async def _(world):
    stream = await BinanceSocketManager(world.public).book_ticker_socket().__aenter__()
    world.closing.append(stream.close())
    await receive(stream, limit=2)


@case("streams: many on one socket")
async def _(world):
    names = ["btcusdt@trade", "ethusdt@depth@100ms", "btcusdt@avgPrice", "btcusdt@ticker_1h", "币安人生usdt@bookTicker",
             "btcusdt@kline_1d@+08:00", "!ticker_4h@arr"]
    seen = set()
    async with BinanceSocketManager(world.public, max_queue_size=10_000).multiplex_socket(names) as stream:
        await receive(stream, lambda event: seen.add(event["stream"]) or seen == set(names))


@case("streams: microseconds")
async def _(world):
    client = await AsyncClient.create(time_unit="MICROSECOND")
    try:
        async with BinanceSocketManager(client).trade_socket(SYMBOL) as stream:
            [event] = await receive(stream)
            holds(event["T"] > 10**15)
    finally:
        await client.close_connection()


@case("streams: the depth cache converges")
async def _(world):
    for interval in (100, None):
        manager = BinanceSocketManager(world.public, max_queue_size=10_000)
        keeper = DepthCacheManager(world.public, SYMBOL, bm=manager, limit=5000, conv_type=Decimal, ws_interval=interval)
        async with keeper:
            # It fetches a snapshot again for an event that overlaps the last one, and then applies that event over the newer
            # snapshot: until the next events are in, its book may be crossed. What counts is where it arrives.
            for _ in range(4):
                await keeper.recv()
            world.exchange.pause()
            try:
                book = await world.public.get_order_book(symbol=SYMBOL, limit=5000)
                while keeper._last_update_id != book["lastUpdateId"]:
                    await asyncio.wait_for(keeper.recv(), 5)
                cache = keeper.get_depth_cache()
                bids, asks = cache.get_bids(), cache.get_asks()
                holds(bids[0][0] < asks[0][0], bids[0], asks[0])
                equal([[Decimal(one) for one in level] for level in book["bids"]], bids)
                equal([[Decimal(one) for one in level] for level in book["asks"]], asks)
            finally:
                world.exchange.pause(False)


@case("streams: on it goes after a cut")
async def _(world):
    async with BinanceSocketManager(world.public).trade_socket(SYMBOL) as stream:
        [before] = await receive(stream)
        world.exchange.control("DELETE", "/connections")
        kinds, event = set(), {}
        async with asyncio.timeout(20):
            while event.get("e") != "trade" or "error" not in kinds:
                event = await stream.recv()
                kinds.add(event["e"])
        holds(event["t"] > before["t"])
    # The cut went through the WebSocket API, too. What python-binance writes before it notices has no answer, and it waits for
    # ten seconds.
    for client in (world.alice, world.bob, world.public):
        for _ in range(3):
            try:
                await client.ws_ping()
                break
            except BinanceWebsocketUnableToConnect:
                pass
        else:
            raise AssertionError("the WebSocket API does not come back")


@case("user data: an order is seen as placed, traded, cancelled")
async def _(world):
    client = world.alice
    async with BinanceSocketManager(client).user_socket() as stream:
        order = await client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=await world.far())
        mine = lambda event: event["e"] == "executionReport" and event["i"] == order["orderId"]
        [new] = await receive(stream, mine)
        equal((new["x"], new["X"], new["c"]), ("NEW", "NEW", order["clientOrderId"]))
        await client.cancel_order(symbol=SYMBOL, orderId=order["orderId"])
        [gone] = await receive(stream, mine)
        equal((gone["x"], gone["C"]), ("CANCELED", order["clientOrderId"]))
        order = await client.order_market_buy(symbol=SYMBOL, quantity="0.01")
        reports = await receive(stream, lambda event: mine(event) and event["x"] == "TRADE", count=len(order["fills"]))
        equal([one["t"] for one in reports], [fill["tradeId"] for fill in order["fills"]])
        equal([one["L"] for one in reports], [fill["price"] for fill in order["fills"]])
        equal(reports[-1]["X"], "FILLED")
        [position] = await receive(stream, lambda event: event["e"] == "outboundAccountPosition")
        shown = {one["a"]: one["f"] for one in position["B"]}
        equal(shown["BTC"], (await client.get_asset_balance(asset="BTC"))["free"])


@case("user data: order lists")
async def _(world):
    client = world.alice
    below, above = await world.far(), await world.far("SELL")
    async with BinanceSocketManager(client).user_socket() as stream:
        placed = await client.order_oco_sell(
            symbol=SYMBOL, quantity="0.01", aboveType="LIMIT_MAKER", abovePrice=above,
            belowType="STOP_LOSS", belowStopPrice=below,
        )
        [status] = await receive(stream, lambda event: event["e"] == "listStatus")
        equal((status["g"], status["c"], status["l"], status["L"]), (placed["orderListId"], "OCO", "EXEC_STARTED", "EXECUTING"))
        await client.v3_delete_order_list(symbol=SYMBOL, orderListId=placed["orderListId"])
        [status] = await receive(stream, lambda event: event["e"] == "listStatus")
        equal((status["l"], status["L"]), ("ALL_DONE", "ALL_DONE"))


@case("user data: listen keys", listed="listen keys of Spot ended; python-binance keeps the calls", shows="404|Invalid JSON")
async def _(world):
    await world.alice.stream_get_listen_key()


@case("threads: ThreadedWebsocketManager")
def _(world):
    keys, seen = world.exchange.alice, {}
    manager = ThreadedWebsocketManager(keys.hmac_key, keys.hmac_secret)
    manager.start()
    listen = lambda name: lambda event: seen.setdefault(name, event)
    manager.start_trade_socket(listen("trade"), SYMBOL)
    manager.start_kline_socket(listen("kline"), SYMBOL)
    manager.start_depth_socket(listen("depth"), SYMBOL)
    manager.start_miniticker_socket(listen("minitickers"))
    manager.start_symbol_ticker_socket(listen("ticker"), SYMBOL)
    manager.start_symbol_book_ticker_socket(listen("book"), SYMBOL)
    manager.start_multiplex_socket(listen("many"), ["ethusdt@trade", "bnbusdt@aggTrade"])
    manager.start_user_socket(listen("user"))
    wanted = {"trade", "kline", "depth", "minitickers", "ticker", "book", "many", "user"}
    client, end = Client(keys.hmac_key, keys.hmac_secret), time.monotonic() + 15
    while set(seen) != wanted and time.monotonic() < end:
        time.sleep(0.5)
        client.order_market_buy(symbol=SYMBOL, quantity="0.001")
    manager.stop()
    equal(set(seen), wanted)
    holds(not [event for event in seen.values() if isinstance(event, dict) and event.get("e") == "error"], seen)


@case("threads: ThreadedDepthCacheManager")
def _(world):
    seen = []
    manager = ThreadedDepthCacheManager()
    manager.start()
    manager.start_depth_cache(seen.append, symbol=SYMBOL, refresh_interval=0, limit=100, ws_interval=100)
    end = time.monotonic() + 15
    while len(seen) < 3 and time.monotonic() < end:
        time.sleep(0.1)
    manager.stop()
    holds(len(seen) >= 3)
    holds(seen[-1].get_bids()[0][0] < seen[-1].get_asks()[0][0])


async def scenario(cases):
    with Exchange() as exchange:
        point(exchange)
        world = await World(exchange).open()
        await exchange.begin()
        try:
            await cases.run(world)
        finally:
            await world.close()


if __name__ == "__main__":
    main(cases, scenario)
