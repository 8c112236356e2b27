//! Lists in pages, of a kind of the test, against a test server.

mod common;

use binance_kit_core::decode::Value;
use binance_kit_core::{
    Api, Cost, Cursor, Decode, DecodeError, HttpMethod, PageError, Paged, ParamWriter, Request, RestRequest,
    Security,
};
use binance_kit_rest::ErrorKind;
use common::{Act, Exchange, ok, reply};
use std::borrow::Cow;
use std::error::Error as _;
use std::time::Duration;

/// Numbers from `from` on.
#[derive(Debug, Clone)]
struct Numbers {
    from: i64,
}

#[derive(Debug)]
struct Page(Vec<i64>);

impl Decode for Page {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.array()?.map(Value::as_i64).collect::<Result<_, _>>().map(Self)
    }
}

impl Request for Numbers {
    type Response = Page;

    fn security(&self) -> Security {
        Security::None
    }

    fn api(&self) -> Api {
        Api::Spot
    }

    fn cost(&self) -> Cost {
        Cost::ip(10)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        params.integer("from", self.from);
    }
}

impl RestRequest for Numbers {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        "/numbers".into()
    }
}

/// All numbers, until a page is empty. A page with a zero is no page.
#[derive(Debug)]
struct AllNumbers {
    next: Option<i64>,
    last: i64,
}

impl Paged for AllNumbers {
    type Request = Numbers;
    type Item = i64;

    fn next_request(&self) -> Option<Numbers> {
        self.next.map(|from| Numbers { from })
    }

    fn accept(&mut self, Page(numbers): Page) -> Result<Vec<i64>, PageError> {
        if numbers.contains(&0) {
            return Err(PageError::OutOfPlace);
        }
        self.last = numbers.last().copied().unwrap_or(self.last);
        self.next = numbers.last().map(|last| last + 1);
        // Not every page has something new.
        Ok(numbers.into_iter().filter(|number| number % 5 != 0).collect())
    }

    fn cursor(&self) -> Cursor {
        Cursor::new(self.last.to_string())
    }

    fn cursor_after(&self, number: &i64) -> Cursor {
        Cursor::new(number.to_string())
    }
}

fn all_numbers() -> AllNumbers {
    AllNumbers { next: Some(1), last: 0 }
}

/// Pages of three up to 11, of which the third has nothing new; the answers in `odd` come first for their page.
fn exchange(mut odd: Vec<(&'static str, Vec<Act>)>) -> Exchange {
    Exchange::new(move |_, head| {
        let from = head.split("from=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        if let Some(at) = odd.iter().position(|(page, _)| *page == from) {
            return odd.remove(at).1;
        }
        let page = match from {
            "1" => "[1,2,3]",
            "4" => "[4,5]",
            "6" => "[10]",
            "11" => "[11]",
            _ => "[]",
        };
        vec![Act::Send(ok(page))]
    })
}

#[tokio::test(start_paused = true)]
async fn pages_come_in_turn_and_those_without_anything_new_do_not() {
    let exchange = exchange(Vec::new());
    let client = exchange.client();
    let mut pages = client.pages(all_numbers());
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        seen.push((page.unwrap(), pages.cursor().to_string()));
    }
    let expected = [(vec![1, 2, 3], "3"), (vec![4], "5"), (vec![11], "11")];
    assert_eq!(seen, expected.map(|(page, cursor)| (page, cursor.to_owned())));
    assert!(pages.next().await.is_none());
    assert_eq!(exchange.count(), 5);
    // Each took its weight.
    assert_eq!(client.context().governor().usage(Api::Spot).0, 50);
}

#[tokio::test(start_paused = true)]
async fn after_an_error_the_same_page_is_asked_for_again() {
    let refused = reply(400, "", r#"{"code":-1100,"msg":"Illegal characters."}"#);
    let exchange = exchange(vec![
        ("4", vec![Act::Send(refused)]),
        ("11", vec![Act::Send(ok("[0]"))]),
        ("11", vec![Act::Send(ok("{}"))]),
    ]);
    let mut items = exchange.client().items(all_numbers());
    let mut seen = Vec::new();
    let mut kinds = Vec::new();
    while let Some(item) = items.next().await {
        match item {
            Ok(number) => seen.push((number, items.cursor().to_string())),
            Err(error) => {
                if error.kind() == ErrorKind::Paging {
                    assert_eq!(error.to_string(), "GET /numbers: the list cannot go on from this page");
                    assert!(error.source().unwrap().is::<PageError>() && !error.outcome_unknown());
                    // Whatever had nothing new is behind.
                    assert_eq!(items.cursor().as_str(), "10");
                }
                kinds.push(error.kind());
            }
        }
    }
    // The place behind the last of a page is that behind the page.
    let expected = [(1, "1"), (2, "2"), (3, "3"), (4, "5"), (11, "11")];
    assert_eq!(seen, expected.map(|(number, cursor)| (number, cursor.to_owned())));
    assert_eq!(kinds, [ErrorKind::Api, ErrorKind::Paging, ErrorKind::Decode]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_asks_for_nothing_twice() {
    let slow = vec![Act::Wait(Duration::from_secs(1)), Act::Send(ok("[1,2]"))];
    let exchange = exchange(vec![("1", slow)]);
    let mut items = exchange.client().items(all_numbers());
    for _ in 0..3 {
        assert!(tokio::time::timeout(Duration::from_millis(300), items.next()).await.is_err());
    }
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    assert_eq!(exchange.count(), 1);
}
