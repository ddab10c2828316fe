"""What the plain text of a CV or of a job ad says of pay, years, places and languages: records of public data sets.

The stream reads resumes with `processors.resume`, and is given records by sources.
"""
