"""What members of the demo population write to each other; whoever liked first begins."""

from collections.abc import Mapping

from accounts.models import Purpose

TALKS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    Purpose.PROJECT: (
        (
            "Hello. I want to map the drinking fountains of my town, and I cannot draw. Can you?",
            "I can draw. I cannot walk past a fountain without drinking either, so this will take a while.",
            "There are 41. I have a list and a bicycle.",
            "Then you ride and I draw. Which one first?",
            "The one at the station: it has a frog.",
        ),
        (
            "Good evening. You wrote that you look for somebody who finishes things. I finish things.",
            "That is the best first line I have read here. What did you finish last?",
            "A kayak. It leaks, but it is finished.",
            "I have half a radio programme about small museums. Would you listen to the first part?",
        ),
        (
            "Do you still look for somebody to build the tool library with?",
            "Yes, badly. We have a room, forty drills and no idea who has borrowed what.",
            "I have written three of those lists in my life. The third one works.",
        ),
    ),
    Purpose.FRIEND: (
        (
            "Hello. We seem to share Sunday mornings. What do you do with yours?",
            "Walk until I am hungry, then walk to where I can eat. And you?",
            "Nearly the same, with a wet dog.",
            "The dog may come. The wet part we can discuss.",
            "Sunday at nine, at the old bridge?",
            "At nine. I will be the one without a dog.",
        ),
        (
            "What are you reading at the moment?",
            "Two books at once, and I mix up the people in them. You?",
            "One, since March. It is very good and very long.",
        ),
        (
            "I was told that you bake. Is it true about the poppy seeds?",
            "All of it. Whom have you been talking to?",
        ),
    ),
    Purpose.DATE: (
        (
            "Hello. I like how you write about your grandmother's radio.",
            "Thank you. It still plays, but only in the evening and only one station.",
            "Which one?",
            "Nobody knows. There is a man who reads the water levels of rivers. I find it very calming.",
            "I would like to hear that. Tea on Thursday, and then the rivers?",
            "Thursday. I bring the radio.",
        ),
        (
            "Would you rather begin with a walk, or with a cup of something?",
            "With a walk that ends at a cup of something.",
            "That is settled then. Saturday?",
        ),
    ),
}
