//! Command line: one subcommand, one file.
