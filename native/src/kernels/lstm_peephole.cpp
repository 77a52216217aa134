#include "../cells/lstm_peephole.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel lstm_peephole = kernel_of<LstmPeephole>();
}
