#include "../cells/rnn.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel rnn_relu = kernel_of<RnnRelu>();
}
