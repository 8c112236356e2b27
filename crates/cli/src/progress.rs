//! The progress of a long command, for a person at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error; hidden where that is no terminal, and on request.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Creates the bar of a known number of bytes.
    pub(crate) fn of_bytes(bytes: u64, is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        // The template is a valid constant.
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {percent:>3} % {bytes} of {total_bytes}, {eta} left")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }

    /// Creates the bar of work without a known end.
    pub(crate) fn endless(is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows a message.
    pub(crate) fn report(&self, message: String) {
        self.0.set_message(message);
        self.0.tick();
    }

    /// Shows how many bytes are done.
    pub(crate) fn at(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    /// Removes the bar.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
