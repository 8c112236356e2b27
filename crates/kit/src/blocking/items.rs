//! Lists that come in pages, as iterators.

use super::error::BlockingError;
use super::thread::Background;
use binance_kit_core::{Cursor, Paged, RestRequest};
use std::fmt;
use std::sync::Arc;

/// The items of a list, from [`RestClient::items`](super::RestClient::items): an iterator that waits for a page where it has no
/// more.
///
/// An error ends nothing: the next call asks for the same page again.
pub struct Items<P: Paged> {
    /// Away while it is on the other thread, and for good if that thread has stopped.
    inner: Option<binance_kit_rest::Items<P>>,
    /// The position after the last item.
    cursor: Cursor,
    /// The thread.
    background: Arc<Background>,
}

/// The pages of a list, from [`RestClient::pages`](super::RestClient::pages): an iterator over what each answer has that is new.
///
/// An error ends nothing: the next call asks for the same page again.
pub struct Pages<P: Paged> {
    /// Away while it is on the other thread, and for good if that thread has stopped.
    inner: Option<binance_kit_rest::Pages<P>>,
    /// The position after the last page.
    cursor: Cursor,
    /// The thread.
    background: Arc<Background>,
}

macro_rules! paged {
    ($name:ident<$list:ident>: $item:ty, $what:literal) => {
        impl<$list> $name<$list>
        where
            $list: Paged,
            $list::Request: RestRequest + Send + 'static,
        {
            pub(super) fn new(inner: binance_kit_rest::$name<$list>, background: Arc<Background>) -> Self {
                let cursor = inner.cursor();
                Self { inner: Some(inner), cursor, background }
            }
        }

        impl<$list: Paged> $name<$list> {
            #[doc = concat!("The position after the last ", $what, " that was returned. The same list resumed there")]
            /// continues with the next one.
            pub fn cursor(&self) -> Cursor {
                self.cursor.clone()
            }
        }

        impl<$list> Iterator for $name<$list>
        where
            $list: Paged + Send + 'static,
            $list::Item: Send + 'static,
            $list::Request: RestRequest + Send + 'static,
        {
            type Item = Result<$item, BlockingError>;

            fn next(&mut self) -> Option<Self::Item> {
                let mut inner = self.inner.take()?;
                let (inner, next) = match self.background.run(async move {
                    let next = inner.next().await;
                    (inner, next)
                }) {
                    Ok(answer) => answer,
                    Err(stopped) => return Some(Err(stopped.into())),
                };
                self.cursor = inner.cursor();
                self.inner = Some(inner);
                next.map(|next| next.map_err(BlockingError::Client))
            }
        }

        /// Without the items, which may be an account's own.
        impl<$list: Paged> fmt::Debug for $name<$list> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("cursor", &self.cursor).finish_non_exhaustive()
            }
        }
    };
}

paged!(Items<P>: P::Item, "item");
paged!(Pages<P>: Vec<P::Item>, "page");
