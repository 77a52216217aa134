#include "../cells/gru_reset_before.hpp"
#include "../layer/layer.hpp"

namespace ostinato {
extern const Kernel gru_reset_before = kernel_of<GruResetBefore>();
}
