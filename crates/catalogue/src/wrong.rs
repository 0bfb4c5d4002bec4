/// What is wrong with a file of texts; most name the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It cannot be read: each line with what is wrong there.
    #[error("{0}")]
    Syntax(String),
    #[error("`{0}` is there twice")]
    Twice(String),
    /// It has attributes alone.
    #[error("`{0}` says nothing")]
    Silent(String),
    #[error(
        "`{0}`: only variables and \"texts\" may stand in braces, and only a variable may decide"
    )]
    NoVariable(String),
    #[error("`{id}`: [{key}] is none of [0], [one], [other]")]
    Variant { id: String, key: String },
    #[error("`{0}`: the last variant has to be *[other]")]
    NoOther(String),
    /// The first of the languages has it.
    #[error("`{0}` is missing")]
    Missing(String),
    /// The first of the languages has it not.
    #[error("`{0}` is not in the first language")]
    NotInOriginal(String),
    #[error("`{0}` has other variables in another language")]
    OtherVariables(String),
    /// In its [`Style`](crate::Style).
    #[error("`{0}`: its name, or that of a variable, means something else to the code")]
    Taken(String),
}
