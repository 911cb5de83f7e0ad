//! A question: a prompt, data between fences, and the shape of the answer.

use contract::ModelUse;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;

use crate::{Fenced, Shape};

/// A question as whoever answers it sees it.
#[derive(Clone, Debug)]
pub struct Enquiry {
    /// What it is for.
    pub purpose: ModelUse,
    /// What the model is shown.
    pub data: Vec<Fenced>,
    /// What the answer must look like.
    pub shape: Shape,
}

/// A question whose answer is an `A`.
#[derive(Clone, Debug)]
#[must_use = "a question must be asked"]
pub struct Question<A> {
    pub(crate) enquiry: Enquiry,
    answer: PhantomData<fn() -> A>,
}

impl<A: DeserializeOwned + JsonSchema> Question<A> {
    /// A question without data.
    pub fn new(purpose: ModelUse) -> Self {
        Self { enquiry: Enquiry { purpose, data: Vec::new(), shape: Shape::of::<A>() }, answer: PhantomData }
    }

    /// Shows the model something.
    pub fn show(mut self, label: &'static str, data: impl Into<String>) -> Self {
        self.enquiry.data.push(Fenced { label, data: data.into() });
        self
    }

    /// Every string member of this name must be one of these words.
    pub fn allow<'w>(mut self, member: &str, words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: Vec<Value> = words.into_iter().map(Value::from).collect();
        self.enquiry.shape.allow(member, &words);
        self
    }
}
