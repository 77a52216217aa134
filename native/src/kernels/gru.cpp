#include "../cells/gru.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel gru = kernel_of<Gru>();
}
