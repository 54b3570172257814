//! Rows about time itself: when the server lived, and whether its clock can be believed.

/// Facts about this installation, by name.
pub mod meta {
    use sea_orm::entity::prelude::*;

    /// Facts about this installation, by name.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "meta")]
    pub struct Model {
        /// Name, e.g. `schema`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// Value.
        pub value: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What destruction compares the clocks with; one row, id 1.
pub mod time_guard {
    use sea_orm::entity::prelude::*;

    /// What destruction compares the clocks with; one row, id 1.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "time_guard")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Newest wall time that the server believed, Unix ms.
        pub wall_ms: i64,
        /// Boot of the machine at that moment.
        pub boot_id: String,
        /// Boot time at that moment, us.
        pub boottime_us: i64,
        /// Since when the clocks disagree, Unix ms; null while they agree.
        pub alarm_since_ms: Option<i64>,
        /// What disagrees, for people.
        pub alarm: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Stretches in which this server was not answering.
pub mod server_downtime {
    use sea_orm::entity::prelude::*;

    /// Stretches in which this server was not answering.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "server_downtime")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Last sign of life before, Unix ms.
        pub from_ms: i64,
        /// First sign of life after, Unix ms; null for the life that is going on.
        pub to_ms: Option<i64>,
        /// `stopped`, `crashed`, `unwritten` (the database took nothing) or `alive` (the open row).
        pub kind: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
