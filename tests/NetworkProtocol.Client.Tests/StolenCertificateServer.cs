using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using Org.BouncyCastle.X509;

namespace NetworkProtocol.Client.Tests;

/// <summary>
/// A TLS server that sends a certificate and signs with a key that need not belong to it. It uses BouncyCastle, because OpenSSL refuses
/// such a pair.
/// </summary>
internal sealed class StolenCertificateServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    /// <param name="certificate">The certificate that the server sends.</param>
    /// <param name="pkcs8">The key that the server signs with. Null: a new key.</param>
    public StolenCertificateServer(X509Certificate2 certificate, byte[]? pkcs8)
    {
        var key = pkcs8 is null ? MakeKey() : PrivateKeyFactory.CreateKey(pkcs8);
        _listener.Start();
        _ = Task.Run(() => Serve(certificate, key));
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public void Dispose() => _listener.Dispose();

    private void Serve(X509Certificate2 certificate, AsymmetricKeyParameter key)
    {
        try
        {
            using var client = _listener.AcceptTcpClient();
            var protocol = new TlsServerProtocol(client.GetStream());
            protocol.Accept(new Thief(certificate, key));
            protocol.Stream.ReadByte(); // until the client closes the connection
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client has refused the certificate.
        }
    }

    private static AsymmetricKeyParameter MakeKey()
    {
        var generator = new ECKeyPairGenerator();
        generator.Init(new ECKeyGenerationParameters(Org.BouncyCastle.Asn1.X9.X962NamedCurves.GetOid("prime256v1"), new SecureRandom()));
        return generator.GenerateKeyPair().Private;
    }

    private sealed class Thief(X509Certificate2 certificate, AsymmetricKeyParameter key) : DefaultTlsServer(new BcTlsCrypto())
    {
        protected override TlsCredentialedSigner GetECDsaSignerCredentials()
        {
            var crypto = (BcTlsCrypto)Crypto;
            var shown = new BcTlsCertificate(crypto, new X509CertificateParser().ReadCertificate(certificate.RawData).CertificateStructure);
            var chain = m_context.ServerVersion.Equals(ProtocolVersion.TLSv13)
                ? new Certificate([], [new CertificateEntry(shown, null)])
                : new Certificate([shown]);
            return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(m_context),
                crypto,
                key,
                chain,
                SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
        }

        public override TlsCredentials GetCredentials() => GetECDsaSignerCredentials();
    }
}
