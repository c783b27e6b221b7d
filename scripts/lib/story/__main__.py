import sys, time

from story import chapters, keep, trail
from story.scene import Scene
from story.terminal import Story
from throwaway import Stage
from throwaway.process import Failed


def main(arguments):
    if arguments == ["--stop"]:
        return keep.stop()
    if arguments not in ([], ["--keep"]):
        sys.exit("usage: scripts/demo [--keep | --stop]")
    kept = arguments == ["--keep"]
    if kept and keep.STATE.exists():
        sys.exit("demo: one is running already; scripts/demo --stop ends it")
    began, story = time.monotonic(), Story()
    print("pgward: a clinic's database, as if each clinic were alone in it")
    with Stage(keep=kept) as stage:
        scene = Scene(stage)
        for chapter in (chapters.the_database, chapters.each_sees_itself, chapters.a_forgotten_where,
                        chapters.an_attempt_on_others, chapters.an_error, trail.what_was_recorded,
                        trail.somebody_tampers, trail.what_it_cost):
            chapter(story, scene)
        status = story.end()
        print(f"The story took {time.monotonic() - began:.0f} s.")
        if kept:
            keep.remember(scene)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as error:
        sys.exit(f"demo: {error}")
