"""Entities in resumes: rules for Chinese and English, and taggers trained on labelled data."""

from processors.resume.ner.entity import Entity, Recogniser
from processors.resume.ner.rules import RULES, rules_for
from processors.resume.ner.tagger import Tagger, TaggerError

__all__ = ["RULES", "Entity", "Recogniser", "Tagger", "TaggerError", "rules_for"]
