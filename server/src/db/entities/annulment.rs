//! Acts of annulment, their signatories, attachments, log and documents.

/// A draft or a signed act.
pub mod acts {
    use sea_orm::entity::prelude::*;

    /// A draft or a signed act.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "acts")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id; also the id of its key in the keystore.
        pub uuid: String,
        /// Kind: name of the form.
        pub kind: String,
        /// `draft`, `for-signature`, `signed`, `passed-on`, `grade-cancelled` or `discarded`.
        pub state: String,
        /// Exam.
        pub exam_id: i64,
        /// Recording of the subject, if known to the system.
        pub recording_id: Option<i64>,
        /// Of the free text: `kk`, `ru` or `en`.
        pub language: String,
        /// Rises with every change of the draft.
        pub revision: i64,
        /// Public half of the act's key, hexadecimal.
        pub act_public: String,
        /// The draft's content, sealed to the act's key (docs/evidence.md 1), hexadecimal enc and ciphertext; null once signed or discarded.
        pub sealed: Option<String>,
        /// Unix ms.
        pub created_ms: i64,
        /// Account.
        pub created_by: i64,
        /// Unix ms.
        pub changed_ms: i64,
        /// Account.
        pub changed_by: i64,
        /// Digest to be signed, hexadecimal; while for signature and after.
        pub content: Option<String>,
        /// Digest of the form that it is written under (`form_texts`), hexadecimal; while for signature and after.
        pub form: Option<String>,
        /// Year of the number, in the university's zone; once signed.
        pub series_year: Option<i32>,
        /// Number within kind and year; once signed.
        pub number: Option<i64>,
        /// Statement `act`, JSON; once signed.
        pub statement: Option<String>,
        /// Digest of that statement, hexadecimal.
        pub digest: Option<String>,
        /// Unix ms.
        pub signed_ms: Option<i64>,
        /// Until when the grade can be cancelled (KazNU 1.19), Unix ms; null where no limit applies.
        pub cancel_until_ms: Option<i64>,
        /// When the cancellation was confirmed, Unix ms.
        pub cancelled_ms: Option<i64>,
        /// When discarded or closed, Unix ms.
        pub closed_ms: Option<i64>,
        /// Reason of discarding, without names.
        pub close_note: Option<String>,
        /// Act that this one corrects, revokes or supplements.
        pub refers_to: Option<i64>,
        /// `corrects`, `revokes` or `supplements`.
        pub relation: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The text of a form, word for word, once an act was put up for signature under it: its file may change.
pub mod form_texts {
    use sea_orm::entity::prelude::*;

    /// The text of a form, word for word, once an act was put up for signature under it: its file may change.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "form_texts")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// SHA-256 of the text, hexadecimal.
        pub digest: String,
        /// Kind: name of the form.
        pub kind: String,
        /// TOML (config/forms).
        pub text: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who is to sign an act, and who has.
pub mod act_signatories {
    use sea_orm::entity::prelude::*;

    /// Who is to sign an act, and who has.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "act_signatories")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Act.
        pub act_id: i64,
        /// Account.
        pub account_id: i64,
        /// Post, as it is to stand in the act.
        pub post: String,
        /// Unix ms; null: not yet.
        pub signed_ms: Option<i64>,
        /// Digest that was confirmed, hexadecimal.
        pub content: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A sealed picture, annex or scan; its bytes lie in the folder of attachments.
pub mod act_attachments {
    use sea_orm::entity::prelude::*;

    /// A sealed picture, annex or scan; its bytes lie in the folder of attachments.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "act_attachments")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Act.
        pub act_id: i64,
        /// Header without `inner` (docs/evidence.md 3), JSON.
        pub header: String,
        /// Outer layer: encapsulated key, hexadecimal.
        pub outer_enc: String,
        /// Outer layer: ciphertext, hexadecimal.
        pub outer_sealed: String,
        /// Of the ciphertext.
        pub size_bytes: i64,
        /// Unix ms.
        pub created_ms: i64,
        /// Account.
        pub created_by: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The hash-chained log of acts and their events.
pub mod act_log {
    use sea_orm::entity::prelude::*;

    /// The hash-chained log of acts and their events.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "act_log")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// `log_index`.
        pub entry: i64,
        /// Act.
        pub act_id: i64,
        /// `act`, or the event's name.
        pub kind: String,
        /// Digest of the statement, hexadecimal.
        pub digest: String,
        /// The statement, JSON.
        pub statement: String,
        /// Unix ms.
        pub at_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A PDF that was made of an act, the bytes too.
pub mod act_documents {
    use sea_orm::entity::prelude::*;

    /// A PDF that was made of an act, the bytes too.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "act_documents")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Act.
        pub act_id: i64,
        /// `kk`, `ru` or `en`.
        pub language: String,
        /// SHA-256, hexadecimal.
        pub digest: String,
        /// Size.
        pub size_bytes: i64,
        /// The document.
        pub pdf: Vec<u8>,
        /// Unix ms.
        pub created_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
