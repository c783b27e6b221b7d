import os

import django
from django.conf import settings

from common import say, tell

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "PASSWORD": os.environ["PGPASSWORD"],
                           "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"], "OPTIONS": {"sslmode": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]}}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.postgres"], USE_TZ=True, TIME_ZONE="UTC", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SECRET_KEY="made up for a test", PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
django.setup()
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import Rank, Upper

call_command("migrate", verbosity=1, no_color=True)
call_command("inspectdb", "items", "orders")
say(sorted(connection.introspection.table_names()))
groups = [Group.objects.create(name=f"group {n}") for n in range(5)]
User.objects.bulk_create([User(username=f"user{n}", email=f"user{n}@throw-away.test", first_name="x" * (n % 7), date_joined="2024-01-01T00:00Z") for n in range(60)], batch_size=25)
for n, user in enumerate(User.objects.order_by("id")):
    user.groups.add(groups[n % 5])
say(list(User.objects.filter(groups__name="group 3", username__icontains="1").select_related().values_list("username", "email").order_by("username")))
say(list(Group.objects.annotate(n=Count("user"), s=Sum("user__id")).values("name", "n").order_by("name")))
say(list(User.objects.annotate(r=Window(Rank(), order_by=F("first_name").asc())).values_list("username", "r").order_by("id")[:5]))
say(User.objects.filter(Q(username="user1") | ~Q(email__contains="2")).exclude(first_name="").count())
say(User.objects.filter(id__in=[1, 2, 3]).update(last_name=Upper(F("username"))), list(User.objects.filter(last_name="USER1").values("last_name")))
say([p.codename for p in Permission.objects.prefetch_related("content_type").order_by("codename")][:5], len(connection.queries))
say(User.objects.get_or_create(username="user1")[1], User.objects.update_or_create(username="new", defaults={"email": "n@throw-away.test"})[1])
for what in (lambda: User.objects.create(username="user1"), lambda: User.objects.raw("SELECT nothing FROM auth_user")[0]):
    try:
        with transaction.atomic():
            what()
    except Exception as e:
        tell(e, getattr(e.__cause__, "pgcode", ""))
with transaction.atomic():
    say(User.objects.select_for_update().get(username="user5").username)
    sid = transaction.savepoint()
    User.objects.filter(username="user6").delete()
    transaction.savepoint_rollback(sid)
say(sum(1 for _ in User.objects.iterator(chunk_size=10)), User.objects.filter(username="user6").exists())
say(User.objects.filter(username__startswith="user1").order_by("id").explain().split("(")[0])
with connection.cursor() as cursor:
    cursor.execute("SELECT %s::text, count(*) FROM auth_user", ["x"])
    say(cursor.fetchall())
call_command("migrate", "auth", "zero", verbosity=0)
call_command("migrate", "contenttypes", "zero", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("DROP TABLE django_migrations")
