from django.apps import AppConfig


class BankLoan(AppConfig):
    name = "finmart.journeys.online.bank_loan"
    label = "bank_loan"
