#include "builtins.h"

static const struct call calls[] = {
    {"and", "[{\"$set\":[1,2,3]},{\"$set\":[2,3,4]}]", "{2, 3}"},
    {"or", "[{\"$set\":[1,3]},{\"$set\":[2,3]}]", "{1, 2, 3}"},
    {"and", "[{\"$set\":[1]},[1]]", "type: and: operand 2 must be set but got array"},
    {"set_diff", "[{\"$set\":[1,2]},{\"$set\":[2]}]", "{1}"},
    {"intersection", "[{\"$set\":[{\"$set\":[1,2]},{\"$set\":[2,3]}]}]", "{2}"},
    {"intersection", "[{\"$set\":[]}]", "set()"},
    {"union", "[{\"$set\":[{\"$set\":[1,2]},{\"$set\":[2,3]}]}]", "{1, 2, 3}"},
    {"union", "[{\"$set\":[1]}]",
     "type: union: operand 1 must be set of sets but got set containing number"},
};

TEST_TABLE(calls)
