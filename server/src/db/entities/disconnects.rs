//! Disconnects and what the rule says of them.

/// A disconnect of one recording.
pub mod outages {
    use sea_orm::entity::prelude::*;

    /// A disconnect of one recording.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outages")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Recording.
        pub recording_id: i64,
        /// Last contact before it, Unix ms.
        pub from_ms: i64,
        /// First contact after it, Unix ms; null while it lasts.
        pub to_ms: Option<i64>,
        /// Lower bound from the agent's failed attempts, ms; null until the journal arrives.
        pub lower_ms: Option<i64>,
        /// Where the lower bound begins, Unix ms of this server.
        pub lower_from_ms: Option<i64>,
        /// Where the lower bound ends, Unix ms of this server.
        pub lower_to_ms: Option<i64>,
        /// Cause (wire::review::OutageView).
        pub cause: String,
        /// The journal has not arrived.
        pub provisional: bool,
        /// Run of the last contact before.
        pub run_before: Option<i64>,
        /// Run of the first contact after.
        pub run_after: Option<i64>,
        /// Part of it in which this server did not answer, ms.
        pub server_down_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the disconnect rule says of one recording, as last computed.
pub mod findings {
    use sea_orm::entity::prelude::*;

    /// What the disconnect rule says of one recording, as last computed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "findings")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Recording.
        pub recording_id: i64,
        /// Kind (wire::review::FindingView).
        pub kind: String,
        /// May still change.
        pub provisional: bool,
        /// Longest counted outage, upper bound, ms.
        pub longest_upper_ms: i64,
        /// Longest counted outage, lower bound, ms.
        pub longest_lower_ms: i64,
        /// Sum of upper bounds, ms.
        pub total_upper_ms: i64,
        /// The policy's threshold, ms.
        pub threshold_ms: i64,
        /// Unix ms.
        pub deadline_ms: Option<i64>,
        /// Source of the rule, from the policy.
        pub source: String,
        /// When the finding first became other than `none`, Unix ms.
        pub opened_ms: Option<i64>,
        /// Unix ms.
        pub computed_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
