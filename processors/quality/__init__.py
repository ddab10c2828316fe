"""How good a record is: rules shared by the API, the commands and the sync stage."""
