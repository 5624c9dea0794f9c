from django.urls import path

from habeas.web.desk import case, compare, evidence, keeping, known, pass_on, plan, queue, replay, sign_in, work

app_name = "desk"
urlpatterns = [
    path("", queue.show_queue, name="queue"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("cases/<str:reference>/", case.overview, name="case"),
    path("cases/<str:reference>/take/", case.take, name="take"),
    path("cases/<str:reference>/material/", case.material, name="material"),
    path("cases/<str:reference>/evidence/", evidence.show, name="evidence"),
    path("cases/<str:reference>/evidence/items/<str:item_id>/", evidence.open_item, name="open_item"),
    path("cases/<str:reference>/evidence/items/<str:item_id>/copy/", evidence.mark_copy, name="mark_copy"),
    path("cases/<str:reference>/evidence/pages/<int:posting_id>/", evidence.capture_page, name="capture_page"),
    path("cases/<str:reference>/evidence/pass-on/", pass_on.show, name="pass_on"),
    path("cases/<str:reference>/evidence/pass-on/<uuid:handover_id>/", pass_on.step, name="handover"),
    path("cases/<str:reference>/evidence/keep/", keeping.show, name="keep"),
    path("cases/<str:reference>/evidence/keep/<int:hold_id>/", keeping.lift, name="lift_hold"),
    path("cases/<str:reference>/evidence/erase/", keeping.erase, name="erase"),
    path("cases/<str:reference>/law/", case.law, name="law"),
    path("cases/<str:reference>/law/<str:provision>/", case.provision, name="provision"),
    path("cases/<str:reference>/answer/", case.answer, name="answer"),
    path("cases/<str:reference>/history/", case.history, name="history"),
    path("cases/<str:reference>/plan/", plan.show_plan, name="plan"),
    path("cases/<str:reference>/plan/<int:measure_id>/", plan.decide, name="decide"),
    path("cases/<str:reference>/seen/<int:sighting_id>/", known.decide, name="decide_sighting"),
    path("trace/", evidence.trace_copy, name="trace_copy"),
    path("known/", known.ask, name="known"),
    path("law/compare/", compare.compare, name="compare"),
    path("law/replay/", replay.replay, name="replay"),
    path("work/", work.dead_jobs, name="work"),
]
