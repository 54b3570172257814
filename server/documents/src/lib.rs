//! Acts as PDF.
