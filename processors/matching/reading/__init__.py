"""What a CV or an ad says in words of pay, experience, place, languages, team, start, industry and studies."""
