package offline_test

import (
	"testing"
	"time"

	"commonfield/marketplace/payment/offline"
	"commonfield/marketplace/payment/paymenttest"
)

func TestTransfersKeepWhatEveryGatewayKeeps(t *testing.T) {
	paymenttest.Run(t, paymenttest.Case{Gateway: offline.Bank{}, Market: 11, Now: time.Now})
}
