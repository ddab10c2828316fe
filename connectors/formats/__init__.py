"""Documents of other systems as entities: a module a format, pure functions from a document to fields."""
