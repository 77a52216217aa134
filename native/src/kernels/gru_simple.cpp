#include "../cells/gru_simple.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel gru_simple = kernel_of<GruSimple>();
}
