-- serve.lua - what wrk sends in the benchmark `serve`: the reviews of $REVIEWS (paths, with ":" between
-- them), by turns.
local requests, turn = {}, 0

function init()
  for path in os.getenv("REVIEWS"):gmatch("[^:]+") do
    local file = assert(io.open(path, "rb"))
    local headers = { ["Content-Type"] = "application/json" }
    requests[#requests + 1] = wrk.format("POST", nil, headers, file:read("*a"))
    file:close()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
