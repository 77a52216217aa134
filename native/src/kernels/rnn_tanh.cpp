#include "../cells/rnn.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel rnn_tanh = kernel_of<RnnTanh>();
}
