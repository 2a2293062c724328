"""What the names in answers about the load, the decay and the prediction of corrections mean."""

from __future__ import annotations

RETRIEVED = {
    "decay": "The weight that a correction has kept until now, from 0 to 1.",
    "age_days": "How many days ago it was said; null without a date.",
    "profile": "How corrections lose weight: half-life, steps or none.",
    "below": "The threshold.",
    "below_count": "How many corrections have kept less than the threshold.",
    "query": "What was looked for, or what matching it adds to a score.",
    "explained": "The score as a sum in words.",
    "is_used": "Whether each correction has a predicted chance in its score.",
    "correction_count": "How many corrections there are.",
    "example_count": "How many corrections have a later session, in which they could be said again.",
    "repeated_count": "How many of them were said again.",
    "auc": "The area under the curve of the predictor, on sessions that it did not see; null if nothing was fitted.",
    "recency_auc": "The same of recency alone.",
    "strategy": "What ranks: mixture, or one signal.",
    "window": "The size of the model's window in tokens; 0 if it is not known.",
    "window_percent": "The part of the window that the text takes, in percent; 0 without a window.",
    "warning": "A warning that the text takes more than 70 % of the window; empty for none.",
}
