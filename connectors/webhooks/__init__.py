"""Results as HTTP requests to others, signed as Standard Webhooks describe it: https://www.standardwebhooks.com"""
