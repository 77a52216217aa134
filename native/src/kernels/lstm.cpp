#include "../cells/lstm.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel lstm = kernel_of<Lstm>();
}
