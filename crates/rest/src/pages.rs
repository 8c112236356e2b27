//! Lists that come in pages, one request at a time. A [`Paged`] value decides which request comes next and is given each
//! answer; this module depends on no list.

use crate::client::RestClient;
use crate::{Error, ErrorKind, RestResponse};
use binance_kit_core::{Cursor, Delivery, Paged, Request, RequestName, RestRequest};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

type Answer<P> = RestResponse<<<P as Paged>::Request as Request>::Response>;
type Sending<P> = Pin<Box<dyn Future<Output = Result<Answer<P>, Error>> + Send>>;

/// A request under way, and its name for the errors that only show when its answer is looked at.
struct UnderWay<P: Paged> {
    /// The sending of the request.
    sending: Sending<P>,
    /// What errors say of it.
    name: RequestName,
}

/// The pages of a list, from [`RestClient::pages`]: a stream of what each answer has that is new.
///
/// Every request waits for the limits like any other. An error ends nothing: the next call asks for the same
/// page again.
#[must_use = "nothing is asked for before a page is waited for"]
pub struct Pages<P: Paged> {
    /// Sends the requests.
    client: RestClient,
    /// Decides which page comes next.
    pager: P,
    /// The request that is being sent.
    under_way: Option<UnderWay<P>>,
}

/// The items of a list, from [`RestClient::items`]: a stream of the items of [`Pages`], one at a time.
#[must_use = "nothing is asked for before an item is waited for"]
pub struct Items<P: Paged> {
    /// The pages that the items come from.
    pages: Pages<P>,
    /// Items of the last page that were not given out yet.
    waiting: VecDeque<P::Item>,
    /// The place behind the last item that was given out.
    cursor: Cursor,
}

impl RestClient {
    /// The pages of a list: a history of the model crate (`spot::MyTrades::new("BTCUSDT").history()`), or any other [`Paged`]
    /// value. Nothing is sent before the first page is waited for.
    pub fn pages<P>(&self, pager: P) -> Pages<P>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        Pages { client: self.clone(), pager, under_way: None }
    }

    /// The items of a list, one at a time; see [`RestClient::pages`].
    pub fn items<P>(&self, pager: P) -> Items<P>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        let cursor = pager.cursor();
        Items { pages: self.pages(pager), waiting: VecDeque::new(), cursor }
    }
}

impl<P> Pages<P>
where
    P: Paged,
    P::Request: RestRequest + Send + 'static,
{
    /// The next page that has anything new, or `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`], and [`ErrorKind::Paging`] for an answer from which the list cannot go on without losing
    /// something. It stays where it was: the next call sends the same request again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a request that is under way goes on with the next call.
    pub async fn next(&mut self) -> Option<Result<Vec<P::Item>, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    /// The place behind everything that was given out. A list made in the same way and resumed there goes on from it.
    pub fn cursor(&self) -> Cursor {
        self.pager.cursor()
    }

    fn start(&self, request: P::Request) -> UnderWay<P> {
        let name = RequestName {
            name: format!("{} {}", request.method().as_str(), request.path()).into(),
            parameters: Vec::new(),
            is_query: request.is_query(),
        };
        let client = self.client.clone();
        UnderWay { sending: Box::pin(async move { client.send(request).await }), name }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Vec<P::Item>, Error>>> {
        loop {
            let mut under_way = match self.under_way.take() {
                Some(under_way) => under_way,
                None => {
                    let Some(request) = self.pager.next_request() else { return Poll::Ready(None) };
                    self.start(request)
                }
            };
            let Poll::Ready(answer) = under_way.sending.as_mut().poll(context) else {
                self.under_way = Some(under_way);
                return Poll::Pending;
            };
            let page = answer.and_then(|answer| {
                self.pager.accept(answer.into_value()).map_err(|error| {
                    Error::new(ErrorKind::Paging)
                        .with_delivery(Delivery::MaybeWritten)
                        .with_request(under_way.name)
                        .with_source(error)
                })
            });
            match page {
                Ok(page) if page.is_empty() => {}
                page => return Poll::Ready(Some(page)),
            }
        }
    }
}

impl<P> Items<P>
where
    P: Paged,
    P::Request: RestRequest + Send + 'static,
{
    /// The next item, or `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`].
    ///
    /// # Cancel safety
    ///
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    /// The place behind the last item that was given out. A list made in the same way and resumed there goes on with the
    /// next one.
    pub fn cursor(&self) -> Cursor {
        self.cursor.clone()
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                self.cursor = if self.waiting.is_empty() {
                    self.pages.cursor()
                } else {
                    self.pages.pager.cursor_after(&item)
                };
                return Poll::Ready(Some(Ok(item)));
            }
            let page = ready!(self.pages.poll_page(context));
            // Pages without anything new may have moved the cursor.
            match page {
                None => {
                    self.cursor = self.pages.cursor();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    self.cursor = self.pages.cursor();
                    return Poll::Ready(Some(Err(error)));
                }
                Some(Ok(page)) => self.waiting = page.into(),
            }
        }
    }
}

// The request under way is boxed, and nothing else is ever pinned.
impl<P: Paged> Unpin for Pages<P> {}
impl<P: Paged> Unpin for Items<P> {}

impl<P> Stream for Pages<P>
where
    P: Paged,
    P::Request: RestRequest + Send + 'static,
{
    type Item = Result<Vec<P::Item>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(context)
    }
}

impl<P> Stream for Items<P>
where
    P: Paged,
    P::Request: RestRequest + Send + 'static,
{
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

/// Without the items, which may be an account's own.
impl<P: Paged> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("cursor", &self.pager.cursor()).finish_non_exhaustive()
    }
}

/// Without the items, which may be an account's own.
impl<P: Paged> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
