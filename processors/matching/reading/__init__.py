"""What a CV or an ad says in words of team, start, industry and studies."""
