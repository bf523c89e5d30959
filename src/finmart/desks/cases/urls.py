from django.urls import path

from finmart.desks.cases import contacts, reviews, views

app_name = "cases"
urlpatterns = [
    path("", views.listed, name="list"),
    path("export/", views.export, name="export"),
    path("<str:number>/", views.page, name="page"),
    path("<str:number>/messages/", views.post_message, name="post_message"),
    path("<str:number>/messages/read/", views.read_messages, name="read_messages"),
    path("<str:number>/notes/", views.add_note, name="add_note"),
    path("<str:number>/papers/", views.file_paper, name="file_paper"),
    path("<str:number>/flow/<uuid:uuid>/model/", views.model, name="model"),
    path("<str:number>/flow/<uuid:uuid>/marks/", views.marks, name="marks"),
    path("<str:number>/urge/<slug:step>/", views.urge, name="urge"),
    path("<str:number>/review/", reviews.request_review, name="request_review"),
    path("<str:number>/apply-again/", reviews.apply_again, name="apply_again"),
    path("<str:number>/contacts/", contacts.contacts, name="contacts"),
    path("<str:number>/contacts/<uuid:uuid>/", contacts.unmask, name="unmask"),
    path("<str:number>/archive/", views.archive, name="archive"),
]
