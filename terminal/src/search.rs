//! Searching the screen and the scrollback, over soft wraps.
