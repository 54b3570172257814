//! Holds, and the keys that they keep: sealed, never a secret.

/// Why footage is kept beyond its month.
pub mod holds {
    use sea_orm::entity::prelude::*;

    /// Why footage is kept beyond its month.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "holds")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Recording.
        pub recording_id: i64,
        /// Cited range on this server's clock, Unix ms.
        pub from_ms: i64,
        /// See from_ms (exclusive).
        pub to_ms: i64,
        /// Tracks, JSON list of text; null: all.
        pub tracks: Option<String>,
        /// `act`, `appeal` or `other`.
        pub reason: String,
        /// Act, for reason `act`.
        pub act_id: Option<i64>,
        /// In words; for `act` empty.
        pub note: String,
        /// Unix ms.
        pub opened_ms: i64,
        /// Account; 0: the command line.
        pub opened_by: i64,
        /// When the records last became complete, Unix ms.
        pub effective_ms: Option<i64>,
        /// Id of the pending key in the keystore, once made.
        pub pending_key: Option<String>,
        /// Id of the effective key in the keystore, once made.
        pub effective_key: Option<String>,
        /// Unix ms.
        pub released_ms: Option<i64>,
        /// Account; 0: the command line.
        pub released_by: Option<i64>,
        /// Why.
        pub release_note: Option<String>,
        /// Last complete step of releasing (docs/lifecycle.md); null before.
        pub release_step: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A key record re-wrapped to a hold's pending key.
pub mod held_runs {
    use sea_orm::entity::prelude::*;

    /// A key record re-wrapped to a hold's pending key.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "held_runs")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Hold.
        pub hold_id: i64,
        /// Run.
        pub run_id: i64,
        /// Statement `held-run`, JSON.
        pub statement: String,
        /// Unix ms.
        pub created_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A segment's key, sealed for a hold.
pub mod held_segments {
    use sea_orm::entity::prelude::*;

    /// A segment's key, sealed for a hold.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "held_segments")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Hold.
        pub hold_id: i64,
        /// Segment.
        pub segment_id: i64,
        /// Statement `held-segment`, JSON.
        pub statement: String,
        /// When the page had opened it again, Unix ms; null: it does not count yet.
        pub confirmed_ms: Option<i64>,
        /// Unix ms.
        pub created_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
