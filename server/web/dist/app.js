import{C as So,D as $o,F as Eo,J as Qe,K as To,L as Ao,M as et,N as tt,a as D,b as Le,c as A,d as Mo,e as _n,q as we}from"./shared.js";var N,Po,La,ve,xn,Ct,Oo,$t,Do,Sn,Mn,Va,nt=Symbol.for("pv"),Rt={},Pt=[],Ba=/^m(i|n|o|s|text|space)$/,$n=Array.isArray,Io=Pt.slice,Ae=Object.assign;function Te(t){t&&t.parentNode&&t.remove()}function Et(t,e,n,r,s){var a={type:t,props:e,key:n,ref:r,__k:null,__:null,__b:0,__e:null,__c:null,constructor:nt,__v:s||++Po,__i:-1,__u:0};return!s&&N.vnode&&N.vnode(a),a}function C(t){return t.children}function Tt(t,e){this.props=t,this.context=e,this.__g=0}function ke(t,e){if(e==null)return t.__&&ke(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:ke(t)}function Ua(t){var e,n=t.__v,r=n.__e,s=[],a=[],l=t.__P;l&&((e=Ae({constructor:nt},n)).__v=n.__v+1,N.vnode&&N.vnode(e),En(l,e,n,t.__n,l.namespaceURI,32&n.__u?[r]:null,s,r||ke(n),32&n.__u,a),e.__v=n.__v,e.__.__k[e.__i]=e,Uo(s,e,a),n.__=n.__e=null,e.__e!=r&&Fo(e))}function Fo(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Fo(t)}function Co(t){(8&t.__g||(t.__g|=8,ve.push(t),Ct++))&&xn==N.debounceRendering||((xn=N.debounceRendering)||queueMicrotask)(No)}function No(){try{for(var t,e=1;ve.length;)ve.length>e&&ve.sort(Oo),t=ve.shift(),e=ve.length,8&t.__g&&Ua(t)}finally{(Ct=ve.length)&&(xn||queueMicrotask)(No)}}function Lo(t,e,n,r,s,a,l,c,u,p,d){var h,f,m,g,x,b,w=r.__k||Pt,v=e.length;for(u=za(n,e,w,u,v),h=0;h<v;h++)(m=n.__k[h])!=null&&(f=~m.__i&&w[m.__i]||Rt,m.__i=h,b=En(t,m,f,s,a,l,c,u,p,d),g=m.__e,(f.ref!=m.ref||8&f.__u)&&(f.ref&&Tn(f.ref,null,m,f),m.ref&&d.push(m.ref,m.__c||g,m)),x=x||g,4&m.__u?(u=Vo(m,u,t,!f.__v),f.__e&&(f.__e=null)):typeof m.type=="function"&&b!==void 0?u=b:g&&(u=g.nextSibling),m.__u&=-21);return n.__e=x,u}function za(t,e,n,r,s){var a,l,c,u,p,d,h,f,m,g=n.length,x=g,b=0,w=0,v=t.__k=Array(s);for(a=0;a<s;a++)(l=e[a])!=null&&typeof l!="boolean"&&typeof l!="function"?(typeof l!="object"||l.constructor===String?l=v[a]=Et(null,l):$n(l)?l=v[a]=Et(C,{children:l}):l.constructor===nt&&l.__b?l=v[a]=Et(l.type,l.props,l.key,l.ref,l.__v):v[a]=l,u=a+b,l.__=t,l.__b=t.__b+1,c=null,~(p=l.__i=ja(l,n,u,x))&&(x--,(c=n[p])&&(c.__u|=2)),c&&c.__v?(l.__u|=16,p==u-1?b--:p==u+1?b++:p!=u&&(p>u?b--:b++,w=1)):(~p||(s>g?b--:s<g&&b++),typeof l.type!="function"&&(l.__u|=4))):v[a]=null;if(w){for(d=[],h=[],a=0;a<s;a++)if((l=v[a])&&16&l.__u){for(b=0,f=d.length;b<f;)d[m=b+f>>1]<l.__i?b=m+1:f=m;d[b]=l.__i,h[a]=b+1}for(b=d.length;a--;)h[a]&&(h[a]==b?b--:v[a].__u|=4)}if(x)for(a=0;a<g;a++)!(c=n[a])||2&c.__u||(c.__e==r&&(r=ke(c)),An(c,c));return r}function Vo(t,e,n,r){var s,a,l,c;if(typeof t.type=="function"){if(t.props.__P)return e;if(s=t.__k)for(a=0;a<s.length;a++)s[a]&&(s[a].__=t,e=Vo(s[a],e,n,!1));return e}for(e&&!e.parentNode&&(e=ke(t))&&!e.parentNode&&(e=null),l=t.__e,c=e;c&&c.nodeType==8;)c=c.nextSibling;for(l!=c&&(!r&&n.moveBefore&&l.parentNode?n.moveBefore(l,e):n.insertBefore(l,e||null)),e=l;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function ja(t,e,n,r){var s,a=t.key,l=t.type,c=e[n],u=c&&!(2&c.__u);if(c===null&&a==null||u&&a==c.key&&l==c.type)return n;if(r>(u?1:0)){for(s=n-1;s>=0;s--)if((c=e[s])&&!(2&c.__u)&&a==c.key&&l==c.type)return s;for(s=n+1;s<e.length;s++)if((c=e[s])&&!(2&c.__u)&&a==c.key&&l==c.type)return s}return-1}function Ro(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function St(t,e,n,r,s){var a,l;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof r=="string"&&(t.style.cssText=r=""),r)for(e in r)n&&e in n||Ro(t.style,e);if(n)for(e in n)r&&n[e]==r[e]||Ro(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof r!="function"&&(r=null),(t.__e||(t.__e={}))[e]=n,n&&r||(l=Mn[e]||(Mn[e]=Ha(e)),(t.__a||(t.__a={}))[e]=Sn,a=e!=(e=e.replace(Do,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,l,a):t.removeEventListener(e,l,a));else{if(s=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function Ha(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[$t]==null)e[$t]=Sn++;else if(e[$t]<this.__a[t])return;return n(N.event?N.event(e):e)}}}function En(t,e,n,r,s,a,l,c,u,p){var d,h,f,m,g,x,b,w,v,M,T,L,U,Q,G,_,S,O,k=e.type;if(e.constructor!==nt)return null;128&n.__u&&(u=32&n.__u,d=n.__c.__z)&&(e.__u|=u,h=a=[],d.nodeType==8?c=At(d,a):a.push(d),c=a[0]||c),(d=N.__b)&&d(e);e:if(typeof k=="function"){f=l.length;try{if(w=e.props,v=(d=k.prototype)&&d.render,M=(d=k.contextType)&&r[d.__c],T=d?M?M.props.value:d.__:r,(m=n.__c)?(e.__c=m,2&m.__g&&(m.__g|=1)):(v?e.__c=m=new k(w,T):(e.__c=m=new Tt(w,T),m.constructor=k,m.render=Ka),M&&M.sub(m),m.state||(m.state={}),m.__n=r,m.__g|=8,m.__h=[],m.__k=[]),v&&(m.__s||(m.__s=m.state),k.getDerivedStateFromProps&&(m.__s==m.state&&(m.__s=Ae({},m.__s)),Ae(m.__s,k.getDerivedStateFromProps(w,m.__s)))),g=m.props,x=m.state,m.__v=e,n.__c){if(w!==g&&v&&!k.getDerivedStateFromProps&&m.componentWillReceiveProps&&m.componentWillReceiveProps(w,T),e.__v==n.__v&&!(8&m.__g)||!(4&m.__g)&&m.shouldComponentUpdate&&m.shouldComponentUpdate(w,m.__s,T)===!1){e.__v!=n.__v&&(m.props=w,m.state=m.__s,m.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function($){$&&($.__=e)}),Pt.push.apply(m.__h,m.__k),m.__k=[],m.__h.length&&l.push(m),c=ke(n);break e}m.componentWillUpdate&&m.componentWillUpdate(w,m.__s,T),v&&m.componentDidUpdate&&m.__h.push(function(){m.componentDidUpdate(g,x,b)})}else v&&!k.getDerivedStateFromProps&&m.componentWillMount&&m.componentWillMount(),v&&m.componentDidMount&&m.__h.push(m.componentDidMount);m.context=T,m.props=w,m.__P=t,m.__g&=-5,L=N.__r,U=v?25:0;do m.__g&=-9,L&&L(e),d=m.render(m.props,m.state=m.__s,m.context);while(8&m.__g&&++U<25);v&&(Pt.push.apply(m.__h,m.__k),m.__k=[]),m.state=m.__s,m.getChildContext&&(r=Ae({},r,m.getChildContext())),v&&n.__c&&m.getSnapshotBeforeUpdate&&(b=m.getSnapshotBeforeUpdate(g,x)),Q=d&&d.type===C&&d.key==null?d.props.children:d,w.__P&&(d=c,s=(t=w.__P).namespaceURI,u=a=null,n.props&&n.props.__P!=t&&(n.__k.some(function($){$&&An($,$)}),n.__k=null),c=n.__k?ke(n,0):null),c=Lo(t,$n(Q)?Q:[Q],e,n,r,s,a,l,c,u,p),w.__P&&(e.__e=null,c=d),e.__u&=-161,h&&h.some(Te),m.__h.length&&l.push(m),1&m.__g&&(m.__g&=-4)}catch($){if(l.length=f,e.__v=null,u||a)if($&&$.then){if(e.__u|=128|u,a){for(~(S=a.indexOf(c||void 0))||(S=a.length);(O=a[S-1])&&O.nodeType==8;)S--;for(;S<a.length;S++)if(O=a[S])if(a[S]=null,G){if(O==_)break}else{if(O.nodeType!=8)break;O.data.startsWith("$s")&&(_=At(G=O))}}if(!G){for(;c&&c.nodeType==8&&c.nextSibling;)c=c.nextSibling;G=c}(d=At(G=e.__c.__z||(e.__c.__z=G)))?(e.__e=G,c=d):e.__e=c,c=c&&c.nextSibling}else a&&a.some(Te);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),$&&$.then||Bo(e),N.__e($,e,n)}}else c=e.__e=qa(n.__e,e,n,r,s,a,l,u,p,t);return(d=N.diffed)&&d(e),c}function At(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function Bo(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(Bo))}function Uo(t,e,n){for(var r=0;r<n.length;)Tn(n[r++],n[r++],n[r++]);N.__c&&N.__c(e,t),t.some(function(s){try{t=s.__h,s.__h=[],t.some(function(a){a.call(s)})}catch(a){N.__e(a,s.__v)}})}function qa(t,e,n,r,s,a,l,c,u,p){var d,h,f,m,g,x,b,w,v=n.props||Rt,M=e.props,T=e.type;if(T=="svg"?s="http://www.w3.org/2000/svg":T=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),a){for(d=0;d<a.length;d++)if((g=a[d])&&(T?g.localName==T:g.nodeType==3)){t=g,a[d]=null;break}}if(!t){if(w=p.ownerDocument||document,!T)return w.createTextNode(M);t=w.createElementNS(s,T,M.is?M:p),c&&(N.__m&&N.__m(e,a),c=!1),a=null}if(T){if(p=T=="template"&&t.content||t,a=T=="textarea"&&M.defaultValue!=null?null:a&&Io.call(p.childNodes),!c&&a)for(v={},d=0;d<t.attributes.length;d++)v[(g=t.attributes[d]).name]=g.value;for(d in v)g=v[d],d=="dangerouslySetInnerHTML"?f=g:d=="children"||d in M||d=="value"&&"defaultValue"in M||d=="checked"&&"defaultChecked"in M||St(t,d,null,g,s);for(d in M)g=M[d],d=="children"?m=g:d=="dangerouslySetInnerHTML"?h=g:d=="value"?x=g:d=="checked"?b=g:c&&typeof g!="function"||v[d]===g||St(t,d,g,v[d],s);h?(c||f&&(h.__html==f.__html||h.__html==t.innerHTML)||(t.innerHTML=h.__html),e.__k=[]):(f&&(t.textContent=""),(T=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&Ba.test(T))&&(s="http://www.w3.org/1999/xhtml"),Lo(p,$n(m)?m:[m],e,n,r,s,a,l,a?a[0]:n.__k&&ke(n,0),c,u),a&&a.some(Te)),c&&T!="textarea"||(d="value",T=="progress"&&x==null?t.removeAttribute(d):x==null||x===t[d]&&(T!="progress"||x)||St(t,d,x,v[d],s),d="checked",b!=null&&b!=t[d]&&St(t,d,b,v[d],s))}else v===M||c&&t.data==M||(t.data=M);return t}function Tn(t,e,n,r){try{typeof t=="function"?e?e.__x=t(e)||1:r&&(r=r.__c||r.__e)&&(e=r.__x)&&(r.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(s){N.__e(s,n)}}function An(t,e,n){var r,s,a,l;if(N.unmount&&N.unmount(t),!(r=t.ref)||r.current&&r.current!=t.__e||Tn(r,null,e,t),r=t.__c){if(r.componentWillUnmount)try{r.componentWillUnmount()}catch(c){N.__e(c,e)}r.__P=r.__n=null}if(r=t.__k)for(l=0;l<r.length;l++)r[l]&&An(r[l],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(r=t.__c)&&(r=r.__z)&&(s=At(r,a=[]))&&(r==t.__e&&a.some(Te),Te(s),Te(r)),n||Te(t.__e),t.__e=t.__c=t.__=null}function Ka(t,e,n){return this.constructor(t,n)}function zo(t,e){var n,r,s,a;N.__&&N.__(t,e),e.nodeType==9&&(e=e.documentElement),r=(n=t&&32&t.__u)?null:e.__k,e.__k=Et(C,{children:[t]}),s=[],a=[],En(e,e.__k,r||Rt,Rt,e.namespaceURI,r?null:e.firstChild?Io.call(e.childNodes):null,s,r?r.__e:e.firstChild,n,a),Uo(s,e.__k,a),e.__k.props.children=null}N={__e:function(t,e,n,r){for(var s,a,l;e=e.__;)if((s=e.__c)&&!(1&s.__g)){s.__g|=4;try{if((l=(a=s.constructor)&&a.getDerivedStateFromError)&&s.setState(a.getDerivedStateFromError(t)),s.componentDidCatch&&(s.componentDidCatch(t,r||{}),l=1),l&&8&s.__g)return void(s.__g|=2)}catch(c){t=c}}throw Ct=0,t}},Po=0,La=function(t){return t!=null&&t.constructor===nt},Tt.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=Ae({},this.state)),typeof t=="function"&&(t=t(Ae({},n),this.props)),t&&(Ae(n,t),this.__v&&(e&&this.__k.push(e),Co(this)))},Tt.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),Co(this))},Tt.prototype.render=C,ve=[],Ct=0,Oo=function(t,e){return t.__v.__b-e.__v.__b},$t=Symbol(),Do=/(PointerCapture)$|Capture$/i,Sn=0,Mn={},Va=0;var me=class{constructor(e){this.value=e}valueOf(){return this.value}},V=class extends me{constructor(e="???"){super(e)}toString(e){return`{${this.value}}`}},oe=class extends me{constructor(e,n={}){super(e),this.opts=n}toString(e){if(e)try{return e.memoizeIntlObject(Intl.NumberFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return this.value.toString(10)}},pe=class t extends me{static supportsValue(e){if(typeof e=="number"||e instanceof Date)return!0;if(e instanceof me)return t.supportsValue(e.valueOf());if("Temporal"in globalThis){let n=globalThis.Temporal;if(e instanceof n.Instant||e instanceof n.PlainDateTime||e instanceof n.PlainDate||e instanceof n.PlainMonthDay||e instanceof n.PlainTime||e instanceof n.PlainYearMonth)return!0}return!1}constructor(e,n={}){e instanceof t?(n={...e.opts,...n},e=e.value):e instanceof me&&(e=e.valueOf()),typeof e=="object"&&"calendarId"in e&&n.calendar===void 0&&(n={...n,calendar:e.calendarId}),super(e),this.opts=n}[Symbol.toPrimitive](e){return e==="string"?this.toString():this.toNumber()}toNumber(){let e=this.value;if(typeof e=="number")return e;if(e instanceof Date)return e.getTime();if("epochMilliseconds"in e)return e.epochMilliseconds;if("toZonedDateTime"in e)return e.toZonedDateTime("UTC").epochMilliseconds;throw new TypeError("Unwrapping a non-number value as a number")}toString(e){if(e)try{return e.memoizeIntlObject(Intl.DateTimeFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return typeof this.value=="number"||this.value instanceof Date?new Date(this.value).toISOString():this.value.toString()}};var jo=100,Wa="⁨",Ga="⁩";function Ja(t,e,n){if(n===e||n instanceof oe&&e instanceof oe&&n.value===e.value)return!0;if(e instanceof oe&&typeof n=="string"){let r=t.memoizeIntlObject(Intl.PluralRules,e.opts).select(e.value);if(n===r)return!0}return!1}function Ho(t,e,n){return e[n]?Ve(t,e[n].value):(t.reportError(new RangeError("No default")),new V)}function Cn(t,e){let n=[],r=Object.create(null);for(let s of e)s.type==="narg"?r[s.name]=ot(t,s.value):n.push(ot(t,s));return{positional:n,named:r}}function ot(t,e){switch(e.type){case"str":return e.value;case"num":return new oe(e.value,{minimumFractionDigits:e.precision});case"var":return Ya(t,e);case"mesg":return Za(t,e);case"term":return Xa(t,e);case"func":return Qa(t,e);case"select":return ei(t,e);default:return new V}}function Ya(t,{name:e}){let n;if(t.params)if(Object.prototype.hasOwnProperty.call(t.params,e))n=t.params[e];else return new V(`$${e}`);else if(t.args&&Object.prototype.hasOwnProperty.call(t.args,e))n=t.args[e];else return t.reportError(new ReferenceError(`Unknown variable: $${e}`)),new V(`$${e}`);if(n instanceof me)return n;switch(typeof n){case"string":return n;case"number":return new oe(n);case"object":if(pe.supportsValue(n))return new pe(n);default:return t.reportError(new TypeError(`Variable type not supported: $${e}, ${typeof n}`)),new V(`$${e}`)}}function Za(t,{name:e,attr:n}){let r=t.bundle._messages.get(e);if(!r)return t.reportError(new ReferenceError(`Unknown message: ${e}`)),new V(e);if(n){let s=r.attributes[n];return s?Ve(t,s):(t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new V(`${e}.${n}`))}return r.value?Ve(t,r.value):(t.reportError(new ReferenceError(`No value: ${e}`)),new V(e))}function Xa(t,{name:e,attr:n,args:r}){let s=`-${e}`,a=t.bundle._terms.get(s);if(!a)return t.reportError(new ReferenceError(`Unknown term: ${s}`)),new V(s);if(n){let c=a.attributes[n];if(c){t.params=Cn(t,r).named;let u=Ve(t,c);return t.params=null,u}return t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new V(`${s}.${n}`)}t.params=Cn(t,r).named;let l=Ve(t,a.value);return t.params=null,l}function Qa(t,{name:e,args:n}){let r=t.bundle._functions[e];if(!r)return t.reportError(new ReferenceError(`Unknown function: ${e}()`)),new V(`${e}()`);if(typeof r!="function")return t.reportError(new TypeError(`Function ${e}() is not callable`)),new V(`${e}()`);try{let s=Cn(t,n);return r(s.positional,s.named)}catch(s){return t.reportError(s),new V(`${e}()`)}}function ei(t,{selector:e,variants:n,star:r}){let s=ot(t,e);if(s instanceof V)return Ho(t,n,r);for(let a of n){let l=ot(t,a.key);if(Ja(t,s,l))return Ve(t,a.value)}return Ho(t,n,r)}function Rn(t,e){if(t.dirty.has(e))return t.reportError(new RangeError("Cyclic reference")),new V;t.dirty.add(e);let n=[],r=t.bundle._useIsolating&&e.length>1;for(let s of e){if(typeof s=="string"){n.push(t.bundle._transform(s));continue}if(t.placeables++,t.placeables>jo)throw t.dirty.delete(e),new RangeError(`Too many placeables expanded: ${t.placeables}, max allowed is ${jo}`);r&&n.push(Wa),n.push(ot(t,s).toString(t)),r&&n.push(Ga)}return t.dirty.delete(e),n.join("")}function Ve(t,e){return typeof e=="string"?t.bundle._transform(e):Rn(t,e)}var Ot=class{constructor(e,n,r){this.dirty=new WeakSet,this.params=null,this.placeables=0,this.bundle=e,this.errors=n,this.args=r}reportError(e){if(!this.errors||!(e instanceof Error))throw e;this.errors.push(e)}memoizeIntlObject(e,n){let r=this.bundle._intls.get(e);r||(r={},this.bundle._intls.set(e,r));let s=JSON.stringify(n);return r[s]||(r[s]=new e(this.bundle.locales,n)),r[s]}};function Pn(t,e){let n=Object.create(null);for(let[r,s]of Object.entries(t))e.includes(r)&&(n[r]=s.valueOf());return n}var qo=["unitDisplay","currencyDisplay","useGrouping","minimumIntegerDigits","minimumFractionDigits","maximumFractionDigits","minimumSignificantDigits","maximumSignificantDigits"];function Ko(t,e){let n=t[0];if(n instanceof V)return new V(`NUMBER(${n.valueOf()})`);if(n instanceof oe)return new oe(n.valueOf(),{...n.opts,...Pn(e,qo)});if(n instanceof pe)return new oe(n.toNumber(),{...Pn(e,qo)});throw new TypeError("Invalid argument to NUMBER")}var ti=["dateStyle","timeStyle","fractionalSecondDigits","dayPeriod","hour12","weekday","era","year","month","day","hour","minute","second","timeZoneName"];function Wo(t,e){let n=t[0];if(n instanceof V)return new V(`DATETIME(${n.valueOf()})`);if(n instanceof pe||n instanceof oe)return new pe(n,Pn(e,ti));throw new TypeError("Invalid argument to DATETIME")}var Go=new Map;function Jo(t){let e=Array.isArray(t)?t.join(" "):t,n=Go.get(e);return n===void 0&&(n=new Map,Go.set(e,n)),n}var rt=class{constructor(e,{functions:n,useIsolating:r=!0,transform:s=a=>a}={}){this._terms=new Map,this._messages=new Map,this.locales=Array.isArray(e)?e:[e],this._functions={NUMBER:Ko,DATETIME:Wo,...n},this._useIsolating=r,this._transform=s,this._intls=Jo(e)}hasMessage(e){return this._messages.has(e)}getMessage(e){return this._messages.get(e)}addResource(e,{allowOverrides:n=!1}={}){let r=[];for(let s=0;s<e.body.length;s++){let a=e.body[s];if(a.id.startsWith("-")){if(n===!1&&this._terms.has(a.id)){r.push(new Error(`Attempt to override an existing term: "${a.id}"`));continue}this._terms.set(a.id,a)}else{if(n===!1&&this._messages.has(a.id)){r.push(new Error(`Attempt to override an existing message: "${a.id}"`));continue}this._messages.set(a.id,a)}}return r}formatPattern(e,n=null,r=null){if(typeof e=="string")return this._transform(e);let s=new Ot(this,r,n);try{return Rn(s,e).toString(s)}catch(a){if(s.errors&&a instanceof Error)return s.errors.push(a),new V().toString(s);throw a}}};var On=/^(-?[a-zA-Z][\w-]*) *= */gm,Yo=/\.([a-zA-Z][\w-]*) *= */y,ni=/\*?\[/y,Dn=/(-?[0-9]+(?:\.([0-9]+))?)/y,oi=/([a-zA-Z][\w-]*)/y,Zo=/([$-])?([a-zA-Z][\w-]*)(?:\.([a-zA-Z][\w-]*))?/y,ri=/^[A-Z][A-Z0-9_-]*$/,Dt=/([^{}\n\r]+)/y,si=/([^\\"\n\r]*)/y,Xo=/\\([\\"])/y,Qo=/\\u([a-fA-F0-9]{4})|\\U([a-fA-F0-9]{6})/y,ai=/^\n+/,er=/ +$/,ii=/ *\r?\n/g,li=/( *)$/,ci=/{\s*/y,tr=/\s*}/y,di=/\[\s*/y,ui=/\s*] */y,mi=/\s*\(\s*/y,pi=/\s*->\s*/y,fi=/\s*:\s*/y,hi=/\s*,?\s*/y,gi=/\s+/y,st=class{constructor(e){this.body=[],On.lastIndex=0;let n=0;for(;;){let _=On.exec(e);if(_===null)break;n=On.lastIndex;try{this.body.push(u(_[1]))}catch(S){if(S instanceof SyntaxError)continue;throw S}}function r(_){return _.lastIndex=n,_.test(e)}function s(_,S){if(e[n]===_)return n++,!0;if(S)throw new S(`Expected ${_}`);return!1}function a(_,S){if(r(_))return n=_.lastIndex,!0;if(S)throw new S(`Expected ${_.toString()}`);return!1}function l(_){_.lastIndex=n;let S=_.exec(e);if(S===null)throw new SyntaxError(`Expected ${_.toString()}`);return n=_.lastIndex,S}function c(_){return l(_)[1]}function u(_){let S=d(),O=p();if(S===null&&Object.keys(O).length===0)throw new SyntaxError("Expected message value or attributes");return{id:_,value:S,attributes:O}}function p(){let _=Object.create(null);for(;r(Yo);){let S=c(Yo),O=d();if(O===null)throw new SyntaxError("Expected attribute value");_[S]=O}return _}function d(){let _;if(r(Dt)&&(_=c(Dt)),e[n]==="{"||e[n]==="}")return h(_?[_]:[],1/0);let S=U();return S?_?h([_,S],S.length):(S.value=Q(S.value,ai),h([S],S.length)):_?Q(_,er):null}function h(_=[],S){for(;;){if(r(Dt)){_.push(c(Dt));continue}if(e[n]==="{"){_.push(f());continue}if(e[n]==="}")throw new SyntaxError("Unbalanced closing brace");let B=U();if(B){_.push(B),S=Math.min(S,B.length);continue}break}let O=_.length-1,k=_[O];typeof k=="string"&&(_[O]=Q(k,er));let $=[];for(let B of _)B instanceof It&&(B=B.value.slice(0,B.value.length-S)),B&&$.push(B);return $}function f(){a(ci,SyntaxError);let _=m();if(a(tr))return _;if(a(pi)){let S=b();return a(tr,SyntaxError),{type:"select",selector:_,...S}}throw new SyntaxError("Unclosed placeable")}function m(){if(e[n]==="{")return f();if(r(Zo)){let[,_,S,O=null]=l(Zo);if(_==="$")return{type:"var",name:S};if(a(mi)){let k=g();if(_==="-")return{type:"term",name:S,attr:O,args:k};if(ri.test(S))return{type:"func",name:S,args:k};throw new SyntaxError("Function names must be all upper-case")}return _==="-"?{type:"term",name:S,attr:O,args:[]}:{type:"mesg",name:S,attr:O}}return v()}function g(){let _=[];for(;;){switch(e[n]){case")":return n++,_;case void 0:throw new SyntaxError("Unclosed argument list")}_.push(x()),a(hi)}}function x(){let _=m();return _.type!=="mesg"?_:a(fi)?{type:"narg",name:_.name,value:v()}:_}function b(){let _=[],S=0,O;for(;r(ni);){s("*")&&(O=S);let k=w(),$=d();if($===null)throw new SyntaxError("Expected variant value");_[S++]={key:k,value:$}}if(S===0)return null;if(O===void 0)throw new SyntaxError("Expected default variant");return{variants:_,star:O}}function w(){a(di,SyntaxError);let _;return r(Dn)?_=M():_={type:"str",value:c(oi)},a(ui,SyntaxError),_}function v(){if(r(Dn))return M();if(e[n]==='"')return T();throw new SyntaxError("Invalid expression")}function M(){let[,_,S=""]=l(Dn),O=S.length;return{type:"num",value:parseFloat(_),precision:O}}function T(){s('"',SyntaxError);let _="";for(;;){if(_+=c(si),e[n]==="\\"){_+=L();continue}if(s('"'))return{type:"str",value:_};throw new SyntaxError("Unclosed string literal")}}function L(){if(r(Xo))return c(Xo);if(r(Qo)){let[,_,S]=l(Qo),O=parseInt(_||S,16);return O<=55295||57344<=O?String.fromCodePoint(O):"�"}throw new SyntaxError("Unknown escape sequence")}function U(){let _=n;switch(a(gi),e[n]){case".":case"[":case"*":case"}":case void 0:return!1;case"{":return G(e.slice(_,n))}return e[n-1]===" "?G(e.slice(_,n)):!1}function Q(_,S){return _.replace(S,"")}function G(_){let S=_.replace(ii,`
`),O=li.exec(_)[1].length;return new It(S,O)}}},It=class{constructor(e,n){this.value=e,this.length=n}};var nr=`# Acts, holds and evidence. Lengths and times arrive as ready text; numbers as numbers.
nav-title = Sections
nav-exams = Exams
nav-acts = Acts
nav-holds = Holds
nav-registrar = Annulments
nav-audit = Audit log
cancel = Cancel
working = Working…
error-failed = That did not work: { $message }
people-title = Students and rooms
recording-held-only = The footage has expired. Only what is under hold can still be watched.

collect-title = Evidence for an act
collect-mark-in = Mark beginning
collect-mark-out = Mark end
collect-in = Beginning
collect-out = End
collect-clear = Clear
collect-too-long = An act cites at most 2 hours at a time. Shorten the range, or cite several.
collect-still = Take a still
collect-stills = { $count ->
    [one] { $count } still
   *[other] { $count } stills
}
collect-still-unsigned = This picture is not yet signed by the device. Try again in a few seconds.
collect-strip = Stills taken
collect-hint = Mark beginning and end of what you saw. Stills stay in this tab until they are sealed into an act; locking the key drops them.
collect-hint-ready = The range goes into the act and is put under hold at once.
still-at = Still at { $time }
still-remove = Remove the still at { $time }
stills-arriving = { $count ->
    [one] Sealing { $count } still into the act…
   *[other] Sealing { $count } stills into the act…
}
timeline-held-pending = hold: being set up
timeline-held-effective = hold: in force

draw-up = Draw up an act
draw-up-on-the-spot = Draw up an act on the spot
draw-up-open = Open the draft
draw-up-add = Add to the draft
draw-up-kind = Kind of act
draw-up-whom = Whom it concerns
draw-up-nobody = The room as a whole
draw-up-choose = Choose…
draw-up-into = Where it goes
draw-up-new = A new act
draw-up-no-form = Your role may not draft any kind of act.
draw-up-cites = Cites { $who }, { $from } to { $to }.
draw-up-cites-nothing = No range is marked; footage can be cited later.
draw-up-stills = { $count ->
    [one] { $count } still goes with it.
   *[other] { $count } stills go with it.
}
draw-up-hold-hint = Opening the draft puts the marked range under hold at once.
draw-up-later-hint = Footage can be added to the draft later, from the player.

acts-title = Acts
acts-none = There are no such acts.
acts-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
acts-own-hint = You see the acts that you drew up or are asked to sign.
acts-yours-count = { $count ->
    [one] { $count } act waits for your signature
   *[other] { $count } acts wait for your signature
}
acts-yours-show = Show
acts-filter-state = State
acts-filter-kind = Kind
acts-filter-any-kind = Any
acts-filter-open = Open
acts-filter-yours = Yours to sign
acts-filter-all = All
act-state-draft = draft
act-state-for-signature = for signature
act-state-signed = signed
act-state-passed-on = with the commission
act-state-grade-cancelled = grade cancelled
act-state-discarded = discarded
act-state-long-draft = Draft
act-state-long-for-signature = For signature
act-state-long-signed = Signed: nothing in it changes any more
act-state-long-passed-on = With the commission’s responsible member
act-state-long-grade-cancelled = The grade has been cancelled
act-state-long-discarded = Discarded: its personal data has been destroyed
act-no-number = Draft
act-number-later = No number yet
act-no-form = The form “{ $kind }” of this act is not known to the server.
act-language = Language of the text
act-yours = yours to sign
act-revoked = revoked
act-corrected = corrected
act-repeated-short = repeated: Ethics Council
act-repeated = A repeated violation goes to the Council of the Faculty for Ethics (1.18).
act-earlier = { $count ->
    [one] { $count } earlier act:
   *[other] { $count } earlier acts:
}
act-open-other = open the act
act-corrects = This act corrects an earlier one:
act-revokes = This act revokes an earlier one:
act-supplements = This act supplements an earlier one:
act-by-corrects = Corrected by a later act:
act-by-revokes = Revoked by a later act:
act-by-supplements = Supplemented by a later act:
act-discarded-note = Reason: { $note }
act-returned = Sent back to draft by { $who }, { $when }: { $note }
act-drawn-up = Drawn up by { $who } on { $date }.
act-drawn-up-by = Drawn up by: { $who }, { $capacity }
act-signatures = Signatures: { $given } of { $needed }.
act-staff-access = Reports on staff are shown to their own readers only.
act-document = Document:
act-preview = Look at the draft as a document:
act-check-page = Public check page
countdown-left = { $days } d { $hours } h left
countdown-minutes = { $minutes } min left
countdown-over = too late
countdown-until = The grade can be cancelled until { $until }. The confirmed cancellation counts, not the draft.
countdown-was = The grade could be cancelled until { $until }.

save-saved = Saved
save-waiting = Not saved yet
save-saving = Saving…
save-offline = No connection: your text is kept here and saved as soon as the server answers
save-signed-out = Signed out: your text is kept here until you sign in again
save-conflict = Conflict: choose below
save-refused = The server does not accept this:
save-closed = Somebody has closed this draft
save-now = Save now
draft-not-saved = First everything has to be saved; look at the state at the top.
draft-leave = Something you typed could not be saved yet. Sign out all the same?
draft-taken = Changed by somebody else meanwhile and taken over: { $fields }.
draft-stranded = What you typed could not go into the draft any more. Copy it before you leave.
draft-stranded-text = Your text
draft-stranded-done = I do not need it any more
draft-unsaved-elsewhere = { $count ->
    [one] { $count } draft has words that are not saved yet:
   *[other] { $count } drafts have words that are not saved yet:
}
clash-title = Two people changed the same
clash-lead = Nothing has been overwritten. Choose for each what is to stand.
clash-mine = Your version
clash-theirs = The other version
clash-keep-mine = Keep yours
clash-take-theirs = Take the other
clash-keep-both = Keep both, one after the other
clash-empty = (empty)
clash-language = Language of the text
clash-capacity = In which capacity
clash-points = Points violated
clash-evidence = Footage
clash-signatories = Signatories
clash-post = Post of { $login }
clash-other = Another part of the act

field-required = required
field-chars = { $used } of { $most } characters
answer-yes = Yes
answer-no = No
person-name = Name of person { $number }
person-post = Post of person { $number }
person-name-short = Name
person-post-short = Post
person-add = Add a person
person-remove = Remove person { $number }
drawn-up-title = Who draws it up
drawn-up-capacity = { $name } draws it up as
points-title = Points violated
aids-title = Permitted, no violation
evidence-title = Footage cited
evidence-none = No footage is cited.
evidence-watch = Watch
evidence-remove = Remove { $range }
evidence-add = Open the player
evidence-add-hint = to mark another range and add it to this draft.
attachments-title = Stills and papers
attachments-none = Nothing is attached.
attachments-locked = The pictures open only with the review key.
attachment-sealed = sealed
attachment-save = Open and save
attachment-remove = Remove { $name }
attachment-kind-still = Stills
attachment-kind-annex = Annex of stills
attachment-kind-scan = Scan
scan-add = Scan of the paper signed on the spot (PDF, JPEG, PNG)
scan-hint = At most 32 MB. It is encrypted in this browser before it is sent.
scan-wrong-kind = Choose a PDF, JPEG or PNG file.
signers-title = Signatories
signers-hint = { $least } to { $most } people, each with an own account and password.
signer-post = Post in the act
signer-who = Person
signer-choose = Choose…
signer-nobody = Nobody else may sign this kind of act
signer-add = Add
signer-remove = Remove { $name }
problems-title = { $count ->
    [one] Before signing: { $count } thing is missing or wrong
   *[other] Before signing: { $count } things are missing or wrong
}
problem-missing = not filled in
problem-too-long = too long
problem-bad-date = not a date
problem-bad-choice = choose one
problem-bad-person = a name and a post for each person
problem-bad-character = contains a character that a document cannot show
problem-repeated = named twice
problem-growing = still being recorded or uploaded
problem-not-held = not kept any more: take it out of the act
problem-still-not-cited = a still shows a moment that is not cited: cite it, or take the still out
problem-too-much-footage = more footage than fits into one evidence bundle: cite less, or draw up a second act
problem-unknown = not in the form
problem-too-few = too few
problem-too-many = too many
problem-other = not right
place-points = Points violated
place-signatories = Signatories
place-evidence = Footage cited
place-capacity = Who draws it up

finish-title = Finish the draft
finish-send = Send for signature
finish-annex = The annex of stills is made, sealed and attached in this browser before the act goes for signature.
discard = Discard the draft…
discard-title = Discard the draft
discard-do = Discard for good
discard-what = Its text, stills and scans are destroyed, its holds end. That cannot be undone.
discard-note = Reason, without names
unlock-first = The review key is needed
unlock-first-why = Pictures and footage are encrypted; only the review key opens them.
step-sign = Sign
step-back-to-draft = Back to draft
step-pass-on = Pass on to the commission
step-cancel-grade = Confirm that the grade is cancelled
step-correct = Correct, supplement or revoke
step-bundle = Make an evidence bundle
step-discard = Discard
sign-lead = You confirm the act as it is shown on this page.
sign-content = Digest of the content:
sign-last = Yours is the last signature: with it the act gets its number and nothing in it can be changed any more.
sign-password = Your password
back-what = The signatures given so far become void.
back-note = Why it goes back
pass-on-lead = The act goes to the commission’s responsible member (10.4).
cancel-grade-lead = Confirm only after the grade has been cancelled in the university’s records.
cancel-grade-when = When it was cancelled
cancel-grade-routing = Document-routing number or order, if any
cancel-grade-do = Confirm
correct-lead = A signed act stays as it is. A new act is drawn up that refers to it.
correct-filled-in = The draft begins with the text of this act; footage that it cites is cited again, except in a revocation.
correct-without-role = The draft begins with the text of this act, without its footage: your role does not cite any. IT staff or the board can add it.
correct-without-late = The time for cancelling a grade from recordings is over: the draft opens with the text of this act, without its footage.
correct-without-gone = The footage that this act cites has expired: the draft opens with the text of this act, without footage.
correct-relation = The new act
relation-corrects = corrects this one
relation-supplements = supplements this one
relation-revokes = revokes this one
bundle-lead = One ZIP file with the cited footage as it was recorded, its keys, signatures, receipts, the act and a playable video. It proves itself without this server.
bundle-receiver = For whom
bundle-receiver-hint = Its making is entered in the act’s log.
seal-for = Encrypted
seal-none = No
seal-keys = For the receiver’s age key
seal-passphrase = With a passphrase
seal-none-hint = Anybody who gets the file can watch the footage: hand it over in person.
seal-keys-hint = Only whoever has the secret key can open it, with any age program. Ask the receiver for the public key; for several receivers, one key a line.
seal-passphrase-hint = Only whoever knows the passphrase can open it, with any age program. At least 12 characters; the university does not keep it.
seal-keys-label = Receiver’s public key
seal-passphrase-label = Passphrase
seal-passphrase-new = Make another
seal-passphrase-once = The passphrase is shown for the last time. Tell it to the receiver by another way than the file: by telephone or in person.
copy = Copy
copied = Copied.
copy-failed = The browser did not copy it. Mark the text and copy it by hand.
bundle-make = Make the bundle
bundle-done = Evidence bundle
bundle-ready = { $files ->
    [one] The bundle is ready: { $files } file, { $mb } MB.
   *[other] The bundle is ready: { $files } files, { $mb } MB.
}
bundle-save-again = Save the file
bundle-check = To check it on any computer:
bundle-open = To open it with an age program:
sheet-decision = Decision
sheet-signatures = Signatures
sheet-signed = Signed
sheet-not-signed = not yet
history-title = What happened
event-drafted = Draft opened
event-signature = Signature
event-signed = The act stands: { $number }
event-passed-on = Passed on to the commission
event-grade-cancelled = Grade cancelled
event-document = Document made
event-bundle = Evidence bundle made
event-other = Entry in the log

refusal-too-late = Too late: the grade could be cancelled until { $date } ({ $rule }).
refusal-incomplete = The act is not complete: see the list above.
refusal-wrong-password = The password is not right.
refusal-content-changed = The act was changed meanwhile. Read it again before you sign.
refusal-changed-meanwhile = Somebody changed the act meanwhile. Look at it and try again.
refusal-wrong-state = The act is no longer in the state for this.
refusal-signed-already = You have already signed this act.
refusal-bad-evidence = The cited footage cannot be used: { $message }
refusal-forbidden = Your role or the state of the act does not allow this.
refusal-too-many-uploads = Too many files are being uploaded at once. Send this one again when another is done.
refusal-upload-stalled = Nothing came for half a minute, so the upload was given up. Send the file again.
refusal-disk-full = The server’s disk is nearly full, so the file was not taken. Tell the IT staff.
progress-keys = Opening keys…
progress-fetching = Fetching…
progress-sealing = Encrypting…
progress-checking = Checking…
progress-video = Making the video…
progress-documents = Making documents…
progress-packing = Packing…
evidence-foreign-key = A key to encrypt to is not certified by the university. Tell an administrator.
evidence-institution = The keys belong to another institution.
evidence-not-recipient = Your review key does not open this.
evidence-expired = The keys of this footage are gone: it has expired or the hold has ended.
evidence-growing = Parts of the range are still being recorded or uploaded. Try again later.
evidence-not-confirmed = The server gave back something else than it was given. Tell an administrator.
evidence-differs = Something differs from what the act names: { $message }
evidence-too-large = The file is larger than 32 MB.
evidence-bundle-too-large = The bundle would be too large: it has at most 400 files and stays below 4 GB.
evidence-empty = The file is empty.
evidence-no-picture = The player shows no picture here.
evidence-font = A font for the annex could not be loaded. Try again.
evidence-recipient = Not an age key: { $message }. Expected: age1 and 58 more letters and digits, exactly as the receiver gave it.
evidence-no-recipient = Enter the receiver’s key.
evidence-secret-key = This is a secret key, which only its owner may have. Ask the receiver for the public key: it begins with age1.
evidence-short-passphrase = The passphrase is too short: at least 12 characters.

holds-title = Holds
holds-none = There are no such holds.
hold-put = Put under hold
hold-put-done = The footage is under hold
hold-state-pending = hold: being set up
hold-state-effective = hold: in force
hold-state-released = released
hold-state-hint = Footage under hold outlives its month until the hold is released. A hold is being set up until a reviewer’s browser has sealed the keys of just the cited segments; till then more is kept than cited.
hold-covers = The hold covers the whole segments of the range and nothing else.
hold-growing = { $count ->
    [one] { $count } segment has not arrived in full; an act names only what has
   *[other] { $count } segments have not arrived in full; an act names only what has
}
hold-over-retention = expired: more is kept than cited until it is sealed
hold-seal = Seal now
hold-needs-key = needs the review key
hold-reason = Reason
hold-reason-act = Act
hold-reason-appeal = Appeal
hold-reason-other = Another reason
hold-note = In words
hold-nothing-left = Nothing of this range can be read any more.
hold-recording = A recording
hold-exam = Exam
hold-range = Range
hold-covered = Covered
hold-segments = { $count ->
    [one] { $count } segment, { $mb } MB
   *[other] { $count } segments, { $mb } MB
}
hold-opened = Opened
hold-released = Released
hold-release = Release the hold
hold-release-what = The ordinary rule acts at once: footage past its month is destroyed.
hold-release-note = Why
released-the-draft-was-discarded = the draft was discarded
released-the-grade-is-cancelled = the grade is cancelled
released-the-act-was-revoked = the act was revoked
released-the-act-was-corrected = the act was corrected
released-the-act-was-passed-on = the act was passed on
released-too-late-to-cancel-the-grade = too late to cancel the grade
released-too-late-to-sign = too late to sign
released-no-longer-cited-by-the-act = no longer cited by the act
hold-needed = An open act needs this hold. Discard or close the act first.

registrar-title = Annulments
registrar-lead = Signed acts for the transcript (1.20).
registrar-from = Signed from
registrar-to = to
registrar-csv = Download CSV
registrar-json = Download JSON
registrar-wrong = Choose two days, the first not after the second.
registrar-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
registrar-number = Act
registrar-student = Student
registrar-exam = Exam
registrar-points = Points
registrar-signed = Signed
registrar-cancelled = Grade cancelled
registrar-not-cancelled = not confirmed
registrar-revoked = revoked by { $number }
registrar-corrected = corrected by { $number }
audit-title = Audit log
audit-lead = Who did what to what, when. Each entry names the digest of the one before; names of people are not in it.
audit-filter = Find
audit-count = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
audit-more = Later entries
audit-number = No.
audit-when = When
audit-who = Who
audit-action = Action
audit-object = What
audit-detail = Details
`;var or=`# Актілер, ерекше сақтау, дәлелдемелер. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
nav-title = Бөлімдер
nav-exams = Емтихандар
nav-acts = Актілер
nav-holds = Ерекше сақтау
nav-registrar = Күшін жою тізілімі
nav-audit = Әрекеттер журналы
cancel = Болдырмау
working = Орындалуда…
error-failed = Орындалмады: { $message }
people-title = Студенттер мен аудиториялар
recording-held-only = Сақтау мерзімі бітті. Тек ерекше негізде сақталған бөлігін көруге болады.

collect-title = Актіге арналған дәлелдемелер
collect-mark-in = Басын белгілеу
collect-mark-out = Соңын белгілеу
collect-in = Басы
collect-out = Соңы
collect-clear = Тазарту
collect-too-long = Бір үзінді 2 сағаттан аспауы керек. Оны қысқартыңыз немесе бірнешеуін көрсетіңіз.
collect-still = Кадр алу
collect-stills = { $count } кадр
collect-still-unsigned = Бұл кадрға құрылғы әлі қол қоймаған. Бірнеше секундтан кейін қайталаңыз.
collect-strip = Алынған кадрлар
collect-hint = Көргеніңіздің басы мен соңын белгілеңіз. Кадрлар актіде шифрланғанша осы қойындыда қалады; кілт құлыпталса, олар жойылады.
collect-hint-ready = Үзінді актіге кіреді және бірден ерекше негізде сақтауға алынады.
still-at = Кадр, { $time }
still-remove = Кадрды алып тастау, { $time }
stills-arriving = { $count } кадр шифрланып, актіге қосылуда…
timeline-held-pending = ерекше сақтау: рәсімделуде
timeline-held-effective = ерекше сақтау: күшінде

draw-up = Акт жасау
draw-up-on-the-spot = Сол жерде акт жасау
draw-up-open = Жобаны ашу
draw-up-add = Жобаға қосу
draw-up-kind = Акт түрі
draw-up-whom = Кімге қатысты
draw-up-nobody = Жалпы аудитория
draw-up-choose = Таңдаңыз…
draw-up-into = Қайда қосылады
draw-up-new = Жаңа акт
draw-up-no-form = Сіздің рөліңіз акт жасауға рұқсат бермейді.
draw-up-cites = Көрсетілетін жазба: { $who }, { $from } – { $to }.
draw-up-cites-nothing = Үзінді белгіленбеген; жазбаны кейін көрсетуге болады.
draw-up-stills = { $count } кадр қоса беріледі.
draw-up-hold-hint = Жоба ашылғанда белгіленген үзінді бірден ерекше негізде сақтауға алынады.
draw-up-later-hint = Жазбаны жобаға кейін қарау бетінен қосуға болады.

acts-title = Актілер
acts-none = Мұндай акт жоқ.
acts-count = { $count } акт
acts-own-hint = Өзіңіз жасаған немесе сіз қол қоюға тиіс актілер көрсетілген.
acts-yours-count = { $count } акт сіздің қолыңызды күтуде
acts-yours-show = Көрсету
acts-filter-state = Күйі
acts-filter-kind = Түрі
acts-filter-any-kind = Кез келген
acts-filter-open = Аяқталмаған
acts-filter-yours = Менің қолымды күтуде
acts-filter-all = Барлығы
act-state-draft = жоба
act-state-for-signature = қол қоюда
act-state-signed = қол қойылған
act-state-passed-on = комиссияның жауапты мүшесінде
act-state-grade-cancelled = бағаның күші жойылған
act-state-discarded = жоба алып тасталған
act-state-long-draft = Акт жобасы
act-state-long-for-signature = Актіге қол қойылуда
act-state-long-signed = Актіге қол қойылды: енді өзгертуге болмайды
act-state-long-passed-on = Комиссияның жауапты мүшесіне берілді
act-state-long-grade-cancelled = Бағаның күші жойылды
act-state-long-discarded = Жоба алып тасталды: дербес деректер жойылды
act-no-number = Жоба
act-number-later = Нөмірі әлі жоқ
act-no-form = Бұл актінің «{ $kind }» нысаны серверге белгісіз.
act-language = Мәтін тілі
act-yours = қол қоюыңыз керек
act-revoked = күші жойылған
act-corrected = түзетілген
act-repeated-short = қайталанған: Этика кеңесі
act-repeated = Қайталап бұзу факультеттің Этика жөніндегі кеңесіне беріледі (1.18).
act-earlier = Бұрынғы { $count } акт:
act-open-other = актіні ашу
act-corrects = Бұл акт бұрынғы актіні түзетеді:
act-revokes = Бұл акт бұрынғы актінің күшін жояды:
act-supplements = Бұл акт бұрынғы актіні толықтырады:
act-by-corrects = Кейінгі актімен түзетілген:
act-by-revokes = Кейінгі актімен күші жойылған:
act-by-supplements = Кейінгі актімен толықтырылған:
act-discarded-note = Себебі: { $note }
act-returned = Жобаға қайтарған: { $who }, { $when }. Себебі: { $note }
act-drawn-up = Жасаған: { $who }, { $date }.
act-drawn-up-by = Жасаған: { $who }, { $capacity }
act-signatures = Қойылған қол: { $needed } ішінен { $given }.
act-staff-access = Қызметкерлер туралы баянхатты тек құқығы барлар көреді.
act-document = Құжат:
act-preview = Жобаны құжат түрінде көру:
act-check-page = Тексеру беті
countdown-left = { $days } күн { $hours } сағ қалды
countdown-minutes = { $minutes } мин қалды
countdown-over = мерзімі өтті
countdown-until = Бағаның күшін { $until } дейін жоюға болады. Жоба емес, расталған күшін жою есептеледі.
countdown-was = Бағаның күшін { $until } дейін жоюға болатын еді.

save-saved = Сақталды
save-waiting = Әлі сақталмаған
save-saving = Сақталуда…
save-offline = Байланыс жоқ: мәтін осында тұр, сервер жауап бергенде сақталады
save-signed-out = Сеанс аяқталды: мәтін қайта кіргенше осында тұрады
save-conflict = Сәйкессіздік: төменнен таңдаңыз
save-refused = Сервер мұны қабылдамайды:
save-closed = Жобаны басқа адам жапқан
save-now = Қазір сақтау
draft-not-saved = Алдымен бәрі сақталуы керек; жоғарыдағы күйге қараңыз.
draft-leave = Енгізгеніңіздің бір бөлігі әлі сақталмаған. Бәрібір шығасыз ба?
draft-taken = Осы уақытта басқа адам өзгертті, қабылданды: { $fields }.
draft-stranded = Енгізген мәтініңізді жобаға қосу енді мүмкін емес. Шықпас бұрын көшіріп алыңыз.
draft-stranded-text = Сіздің мәтініңіз
draft-stranded-done = Енді керек емес
draft-unsaved-elsewhere = { $count } жобада сақталмаған мәтін бар:
clash-title = Екі адам бір нәрсені өзгертті
clash-lead = Ештеңе өшірілген жоқ. Әрқайсысы үшін қайсысы қалатынын таңдаңыз.
clash-mine = Сіздің нұсқаңыз
clash-theirs = Екінші нұсқа
clash-keep-mine = Өзіңіздікін қалдыру
clash-take-theirs = Екіншісін алу
clash-keep-both = Екеуін де қатар қалдыру
clash-empty = (бос)
clash-language = Мәтін тілі
clash-capacity = Қандай мәртебеде
clash-points = Бұзылған тармақтар
clash-evidence = Бейнежазбалар
clash-signatories = Қол қоюшылар
clash-post = Лауазымы: { $login }
clash-other = Актінің басқа бөлігі

field-required = міндетті
field-chars = { $most } таңбадан { $used }
answer-yes = Иә
answer-no = Жоқ
person-name = Аты-жөні, { $number }-жол
person-post = Лауазымы, { $number }-жол
person-name-short = Аты-жөні
person-post-short = Лауазымы
person-add = Адам қосу
person-remove = { $number }-жолды алып тастау
drawn-up-title = Кім жасайды
drawn-up-capacity = { $name } актіні мына мәртебеде жасайды
points-title = Қағидалардың бұзылған тармақтары
aids-title = Рұқсат етілген, бұзушылық емес
evidence-title = Акт сілтеме жасайтын бейнежазбалар
evidence-none = Бейнежазба көрсетілмеген.
evidence-watch = Қарау
evidence-remove = { $range } алып тастау
evidence-add = Қарау бетін ашу
evidence-add-hint = — тағы бір үзіндіні белгілеп, осы жобаға қосу үшін.
attachments-title = Кадрлар мен қағаздар
attachments-none = Ештеңе қоса берілмеген.
attachments-locked = Кадрлар тек қарау кілтімен ашылады.
attachment-sealed = шифрланған
attachment-save = Ашып, сақтау
attachment-remove = { $name } алып тастау
attachment-kind-still = Кадрлар
attachment-kind-annex = Кадрлар қосымшасы
attachment-kind-scan = Скан
scan-add = Сол жерде қол қойылған қағаз актінің сканы (PDF, JPEG, PNG)
scan-hint = 32 МБ-тан аспайды. Жіберілмес бұрын осы браузерде шифрланады.
scan-wrong-kind = PDF, JPEG немесе PNG файлын таңдаңыз.
signers-title = Қол қоюшылар
signers-hint = { $least }–{ $most } адам, әрқайсысы өз тіркелгісі мен құпиясөзімен.
signer-post = Актідегі лауазымы
signer-who = Кім
signer-choose = Таңдаңыз…
signer-nobody = Бұл актіге басқа ешкім қол қоя алмайды
signer-add = Қосу
signer-remove = Алып тастау: { $name }
problems-title = Қол қоюға дейін: жетпейтіні не қатесі — { $count }
problem-missing = толтырылмаған
problem-too-long = тым ұзын
problem-bad-date = күн емес
problem-bad-choice = нұсқаны таңдаңыз
problem-bad-person = әр адамның аты-жөні мен лауазымы керек
problem-bad-character = құжатта көрсетуге болмайтын таңба бар
problem-repeated = екі рет көрсетілген
problem-growing = әлі жазылып немесе жіберіліп жатыр
problem-not-held = енді сақталмайды: актіден алып тастаңыз
problem-still-not-cited = кадр көрсетілген үзінділерден тыс алынған: оның уақытын көрсетіңіз немесе кадрды алып тастаңыз
problem-too-much-footage = көрсетілген жазбалар бір дәлелдемелер пакетіне сыймайды: азырақ көрсетіңіз немесе екінші акт жасаңыз
problem-unknown = нысанда жоқ
problem-too-few = тым аз
problem-too-many = тым көп
problem-other = дұрыс емес
place-points = Бұзылған тармақтар
place-signatories = Қол қоюшылар
place-evidence = Бейнежазбалар
place-capacity = Кім жасайды

finish-title = Жобаны аяқтау
finish-send = Қол қоюға жіберу
finish-annex = Кадрлар қосымшасы қол қоюға жіберілмес бұрын осы браузерде жасалып, шифрланып, қоса тіркеледі.
discard = Жобаны алып тастау…
discard-title = Жобаны алып тастау
discard-do = Біржола алып тастау
discard-what = Мәтіні, кадрлары мен скандары жойылады, ерекше сақтау тоқтатылады. Мұны қайтаруға болмайды.
discard-note = Себебі, аты-жөнсіз
unlock-first = Қарау кілті керек
unlock-first-why = Кадрлар мен жазбалар шифрланған, оларды тек қарау кілті ашады.
step-sign = Қол қою
step-back-to-draft = Жобаға қайтару
step-pass-on = Комиссияға беру
step-cancel-grade = Бағаның күші жойылғанын растау
step-correct = Түзету, толықтыру немесе күшін жою
step-bundle = Дәлелдемелер пакетін жасау
step-discard = Алып тастау
sign-lead = Сіз актіні осы бетте көрсетілген күйінде растайсыз.
sign-content = Мазмұн дайджесі:
sign-last = Сіздің қолыңыз соңғысы: содан кейін акт нөмір алады және оны өзгертуге болмайды.
sign-password = Сіздің құпиясөзіңіз
back-what = Қойылған қолдардың күші жойылады.
back-note = Неліктен қайтарылады
pass-on-lead = Акт комиссияның жауапты мүшесіне беріледі (10.4).
cancel-grade-lead = Бағаның күші университет деректерінде жойылғаннан кейін ғана растаңыз.
cancel-grade-when = Қашан жойылды
cancel-grade-routing = Құжат айналымындағы нөмірі немесе бұйрық, болса
cancel-grade-do = Растау
correct-lead = Қол қойылған акт өзгермейді. Оған сілтеме жасайтын жаңа акт жасалады.
correct-filled-in = Жоба осы актінің мәтінімен басталады; актінің күшін жоюдан басқа жағдайда онда көрсетілген жазба жобада да көрсетіледі.
correct-without-role = Жоба осы актінің мәтінімен, бірақ жазбасыз басталады: рөліңіз жазбаны көрсетуге құқық бермейді. Жазбаны АТ қызметкерлері немесе комиссия қоса алады.
correct-without-late = Бейнежазбалар бойынша бағаның күшін жою мерзімі өтті: жоба осы актінің мәтінімен, бірақ жазбасыз ашылады.
correct-without-gone = Осы актіде көрсетілген жазбаның сақтау мерзімі өтті: жоба осы актінің мәтінімен, бірақ жазбасыз ашылады.
correct-relation = Жаңа акт
relation-corrects = осы актіні түзетеді
relation-supplements = осы актіні толықтырады
relation-revokes = осы актінің күшін жояды
bundle-lead = Бір ZIP файл: көрсетілген жазбалар бастапқы күйінде, кілттері, қолтаңбалары, түбіртектері, акт және көруге арналған бейне. Осы серверсіз тексеріледі.
bundle-receiver = Кімге арналған
bundle-receiver-hint = Жасалғаны акт журналына енгізіледі.
seal-for = Шифрлау
seal-none = Жоқ
seal-keys = Алушының age кілтімен
seal-passphrase = Құпия фразамен
seal-none-hint = Файл кімнің қолына түссе, жазбаны сол көре алады: қолма-қол беріңіз.
seal-keys-hint = Құпия кілттің иесі ғана кез келген age бағдарламасымен аша алады. Алушыдан ашық кілтін сұраңыз; алушылар бірнешеу болса, әр жолға бір кілт жазыңыз.
seal-passphrase-hint = Фразаны білетін адам ғана кез келген age бағдарламасымен аша алады. Кемінде 12 таңба; университет оны сақтамайды.
seal-keys-label = Алушының ашық кілті
seal-passphrase-label = Құпия фраза
seal-passphrase-new = Басқасын жасау
seal-passphrase-once = Фраза соңғы рет көрсетіліп тұр. Оны алушыға файлдан бөлек жеткізіңіз: телефонмен немесе жүздесіп.
copy = Көшіру
copied = Көшірілді.
copy-failed = Браузер көшірмеді. Мәтінді белгілеп, қолмен көшіріңіз.
bundle-make = Пакетті жасау
bundle-done = Дәлелдемелер пакеті
bundle-ready = Пакет дайын: { $files } файл, { $mb } МБ.
bundle-save-again = Файлды сақтау
bundle-check = Кез келген компьютерде тексеру:
bundle-open = age бағдарламасымен ашу:
sheet-decision = Шешім
sheet-signatures = Қолдар
sheet-signed = Қол қойылды
sheet-not-signed = әлі жоқ
history-title = Оқиғалар барысы
event-drafted = Жоба ашылды
event-signature = Қол қойылды
event-signed = Актіге бәрі қол қойды: { $number }
event-passed-on = Комиссияға берілді
event-grade-cancelled = Бағаның күші жойылды
event-document = Құжат жасалды
event-bundle = Дәлелдемелер пакеті жасалды
event-other = Журналдағы жазба

refusal-too-late = Мерзімі өтті: бағаның күшін { $date } дейін жоюға болатын еді ({ $rule }).
refusal-incomplete = Акт толық емес: жоғарыдағы тізімді қараңыз.
refusal-wrong-password = Құпиясөз қате.
refusal-content-changed = Акт осы уақытта өзгертілді. Қол қоймас бұрын қайта оқыңыз.
refusal-changed-meanwhile = Актіні осы уақытта басқа адам өзгертті. Қарап, қайталаңыз.
refusal-wrong-state = Акт енді басқа күйде.
refusal-signed-already = Сіз бұл актіге қол қойғансыз.
refusal-bad-evidence = Көрсетілген жазбаны пайдалануға болмайды: { $message }
refusal-forbidden = Рөліңіз немесе актінің күйі бұған жол бермейді.
refusal-too-many-uploads = Бір мезгілде тым көп файл жіберілуде. Басқасы аяқталғанда осыны қайта жіберіңіз.
refusal-upload-stalled = Жарты минут ештеңе келмеді, жіберу тоқтатылды. Файлды қайта жіберіңіз.
refusal-disk-full = Сервердің дискісі толуға жақын, файл қабылданбады. АТ қызметкерлеріне хабарлаңыз.
progress-keys = Кілттер ашылуда…
progress-fetching = Жүктелуде…
progress-sealing = Шифрлануда…
progress-checking = Тексерілуде…
progress-video = Бейне жасалуда…
progress-documents = Құжаттар жасалуда…
progress-packing = Жинақталуда…
evidence-foreign-key = Шифрлау кілтін университет растамаған. Әкімшіге хабарлаңыз.
evidence-institution = Кілттер басқа университетке тиесілі.
evidence-not-recipient = Қарау кілтіңіз мұны ашпайды.
evidence-expired = Бұл жазбаның кілттері жоқ: мерзімі бітті немесе ерекше сақтау аяқталды.
evidence-growing = Үзіндінің бір бөлігі әлі жазылып немесе жіберіліп жатыр. Кейін қайталаңыз.
evidence-not-confirmed = Сервер алғанынан басқаны қайтарды. Әкімшіге хабарлаңыз.
evidence-differs = Актіде көрсетілгеннен айырмашылық бар: { $message }
evidence-too-large = Файл 32 МБ-тан үлкен.
evidence-bundle-too-large = Пакет тым үлкен болар еді: онда ең көбі 400 файл болады және көлемі 4 ГБ-тан аз.
evidence-empty = Файл бос.
evidence-no-picture = Мұнда кескін жоқ.
evidence-font = Қосымшаға қаріп жүктелмеді. Қайталаңыз.
evidence-recipient = age кілті емес: { $message }. age1 және тағы 58 әріп пен цифр керек, дәл алушы бергендей.
evidence-no-recipient = Алушының кілтін енгізіңіз.
evidence-secret-key = Бұл — құпия кілт, ол тек иесінде болуы тиіс. Алушыдан ашық кілтін сұраңыз: ол age1 деп басталады.
evidence-short-passphrase = Фраза тым қысқа: кемінде 12 таңба керек.

holds-title = Ерекше негізде сақтау
holds-none = Мұндай жазба жоқ.
hold-put = Ерекше сақтауға алу
hold-put-done = Жазба ерекше сақтауға алынды
hold-state-pending = рәсімделуде
hold-state-effective = күшінде
hold-state-released = тоқтатылған
hold-state-hint = Ерекше сақтаудағы жазба сақтау тоқтатылғанша бір айдан кейін де жойылмайды. Қарау кілті бар браузер дәл көрсетілген сегменттердің кілттерін шифрлағанша ол рәсімделуде болады; оған дейін көрсетілгеннен көбірек сақталады.
hold-covers = Үзіндінің тұтас сегменттері ғана сақталады.
hold-growing = { $count } сегмент толық келген жоқ; актіде тек келгені көрсетіледі
hold-over-retention = мерзімі бітті: рәсімделгенше көрсетілгеннен көбірек сақталады
hold-seal = Қазір рәсімдеу
hold-needs-key = қарау кілті керек
hold-reason = Негізі
hold-reason-act = Акт
hold-reason-appeal = Апелляция
hold-reason-other = Өзге негіз
hold-note = Түсіндірме
hold-nothing-left = Бұл үзіндіден енді ештеңе оқылмайды.
hold-recording = Жазба
hold-exam = Емтихан
hold-range = Үзінді
hold-covered = Сақталатыны
hold-segments = { $count } сегмент, { $mb } МБ
hold-opened = Басталды
hold-released = Тоқтатылды
hold-release = Сақтауды тоқтату
hold-release-what = Бірден әдеттегі ереже әрекет етеді: айы өткен жазба жойылады.
hold-release-note = Себебі
released-the-draft-was-discarded = жоба алып тасталды
released-the-grade-is-cancelled = бағаның күші жойылды
released-the-act-was-revoked = актінің күші жойылды
released-the-act-was-corrected = акт түзетілді
released-the-act-was-passed-on = акт тапсырылды
released-too-late-to-cancel-the-grade = бағаның күшін жою мерзімі өтті
released-too-late-to-sign = қол қою мерзімі өтті
released-no-longer-cited-by-the-act = акт жазбаға енді сілтеме жасамайды
hold-needed = Бұл сақтау аяқталмаған актіге керек. Алдымен актіні алып тастаңыз немесе аяқтаңыз.

registrar-title = Күшін жою тізілімі
registrar-lead = Транскриптке арналған қол қойылған актілер (1.20).
registrar-from = Қол қойылған күні:
registrar-to = –
registrar-csv = CSV жүктеп алу
registrar-json = JSON жүктеп алу
registrar-wrong = Екі күнді көрсетіңіз: біріншісі екіншісінен кеш болмасын.
registrar-count = { $count } акт
registrar-number = Акт
registrar-student = Студент
registrar-exam = Емтихан
registrar-points = Тармақтар
registrar-signed = Қол қойылды
registrar-cancelled = Бағаның күші жойылды
registrar-not-cancelled = расталмаған
registrar-revoked = { $number } актісімен күші жойылған
registrar-corrected = { $number } актісімен түзетілген
audit-title = Әрекеттер журналы
audit-lead = Кім, нені, қашан жасады. Әр жазбада алдыңғысының дайджесі бар; журналда адам аты жазылмайды.
audit-filter = Іздеу
audit-count = { $count } жазба
audit-more = Кейінгі жазбалар
audit-number = №
audit-when = Қашан
audit-who = Кім
audit-action = Әрекет
audit-object = Нысан
audit-detail = Толығырақ
`;var rr=`# Акты, особое хранение, доказательства. Длительности и время приходят готовым текстом, числа — числами.
nav-title = Разделы
nav-exams = Экзамены
nav-acts = Акты
nav-holds = Особое хранение
nav-registrar = Реестр аннулирований
nav-audit = Журнал действий
cancel = Отмена
working = Выполняется…
error-failed = Не получилось: { $message }
people-title = Студенты и аудитории
recording-held-only = Срок хранения истёк. Доступно только то, что хранится по особому основанию.

collect-title = Доказательства для акта
collect-mark-in = Отметить начало
collect-mark-out = Отметить конец
collect-in = Начало
collect-out = Конец
collect-clear = Сбросить
collect-too-long = Один отрезок — не более 2 часов. Сократите его или укажите несколько.
collect-still = Снять кадр
collect-stills = { $count ->
    [one] { $count } кадр
    [few] { $count } кадра
   *[other] { $count } кадров
}
collect-still-unsigned = Этот кадр ещё не подписан устройством. Повторите через несколько секунд.
collect-strip = Снятые кадры
collect-hint = Отметьте начало и конец увиденного. Кадры остаются в этой вкладке, пока не будут зашифрованы в акте; при блокировке ключа они удаляются.
collect-hint-ready = Отрезок войдёт в акт и сразу будет взят на хранение по особому основанию.
still-at = Кадр, { $time }
still-remove = Удалить кадр, { $time }
stills-arriving = { $count ->
    [one] Зашифровывается и прикладывается { $count } кадр…
    [few] Зашифровываются и прикладываются { $count } кадра…
   *[other] Зашифровываются и прикладываются { $count } кадров…
}
timeline-held-pending = особое хранение: оформляется
timeline-held-effective = особое хранение: действует

draw-up = Составить акт
draw-up-on-the-spot = Составить акт на месте
draw-up-open = Открыть проект
draw-up-add = Добавить в проект
draw-up-kind = Вид акта
draw-up-whom = В отношении кого
draw-up-nobody = Аудитория в целом
draw-up-choose = Выберите…
draw-up-into = Куда добавить
draw-up-new = Новый акт
draw-up-no-form = Ваша роль не даёт права составлять акты.
draw-up-cites = Указывается запись: { $who }, { $from } – { $to }.
draw-up-cites-nothing = Отрезок не отмечен; запись можно указать позже.
draw-up-stills = { $count ->
    [one] Будет приложен { $count } кадр.
    [few] Будут приложены { $count } кадра.
   *[other] Будет приложено { $count } кадров.
}
draw-up-hold-hint = При открытии проекта отмеченный отрезок сразу берётся на хранение по особому основанию.
draw-up-later-hint = Запись можно добавить в проект позже, из окна просмотра.

acts-title = Акты
acts-none = Таких актов нет.
acts-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
acts-own-hint = Показаны акты, которые составили вы или которые вам нужно подписать.
acts-yours-count = { $count ->
    [one] { $count } акт ждёт вашей подписи
    [few] { $count } акта ждут вашей подписи
   *[other] { $count } актов ждут вашей подписи
}
acts-yours-show = Показать
acts-filter-state = Состояние
acts-filter-kind = Вид
acts-filter-any-kind = Любой
acts-filter-open = Незавершённые
acts-filter-yours = Ждут моей подписи
acts-filter-all = Все
act-state-draft = проект
act-state-for-signature = на подписи
act-state-signed = подписан
act-state-passed-on = у ответственного члена комиссии
act-state-grade-cancelled = оценка аннулирована
act-state-discarded = проект снят
act-state-long-draft = Проект акта
act-state-long-for-signature = Акт на подписи
act-state-long-signed = Акт подписан: изменить его нельзя
act-state-long-passed-on = Передан ответственному члену комиссии
act-state-long-grade-cancelled = Оценка аннулирована
act-state-long-discarded = Проект снят: персональные данные уничтожены
act-no-number = Проект
act-number-later = Номера ещё нет
act-no-form = Форма «{ $kind }» этого акта серверу неизвестна.
act-language = Язык текста
act-yours = нужна ваша подпись
act-revoked = отменён
act-corrected = исправлен
act-repeated-short = повторно: Совет по этике
act-repeated = Повторное нарушение передаётся в Совет факультета по этике (1.18).
act-earlier = { $count ->
    [one] { $count } прежний акт:
    [few] { $count } прежних акта:
   *[other] { $count } прежних актов:
}
act-open-other = открыть акт
act-corrects = Этот акт исправляет прежний:
act-revokes = Этот акт отменяет прежний:
act-supplements = Этот акт дополняет прежний:
act-by-corrects = Исправлен более поздним актом:
act-by-revokes = Отменён более поздним актом:
act-by-supplements = Дополнен более поздним актом:
act-discarded-note = Причина: { $note }
act-returned = Возвращено в проект: { $who }, { $when }. Причина: { $note }
act-drawn-up = Составил(а): { $who }, { $date }.
act-drawn-up-by = Составил(а): { $who }, { $capacity }
act-signatures = Подписей: { $given } из { $needed }.
act-staff-access = Докладные о сотрудниках видят только те, кому это положено.
act-document = Документ:
act-preview = Посмотреть проект как документ:
act-check-page = Страница проверки
countdown-left = осталось { $days } дн. { $hours } ч
countdown-minutes = осталось { $minutes } мин
countdown-over = срок истёк
countdown-until = Оценку можно аннулировать до { $until }. Засчитывается подтверждённое аннулирование, а не проект.
countdown-was = Оценку можно было аннулировать до { $until }.

save-saved = Сохранено
save-waiting = Ещё не сохранено
save-saving = Сохраняется…
save-offline = Нет связи: текст остаётся здесь и сохранится, когда сервер ответит
save-signed-out = Сеанс завершён: текст остаётся здесь до повторного входа
save-conflict = Расхождение: выберите ниже
save-refused = Сервер этого не принимает:
save-closed = Проект закрыт другим человеком
save-now = Сохранить сейчас
draft-not-saved = Сначала всё должно быть сохранено; см. состояние вверху.
draft-leave = Часть введённого ещё не сохранена. Всё равно выйти?
draft-taken = Тем временем изменено другим человеком и принято: { $fields }.
draft-stranded = То, что вы ввели, уже нельзя внести в проект. Скопируйте текст, прежде чем уйти.
draft-stranded-text = Ваш текст
draft-stranded-done = Больше не нужно
draft-unsaved-elsewhere = { $count ->
    [one] Не всё сохранено в { $count } проекте:
    [few] Не всё сохранено в { $count } проектах:
   *[other] Не всё сохранено в { $count } проектах:
}
clash-title = Двое изменили одно и то же
clash-lead = Ничего не перезаписано. Для каждого выберите, что останется.
clash-mine = Ваш вариант
clash-theirs = Другой вариант
clash-keep-mine = Оставить ваш
clash-take-theirs = Взять другой
clash-keep-both = Оставить оба подряд
clash-empty = (пусто)
clash-language = Язык текста
clash-capacity = В каком качестве
clash-points = Нарушенные пункты
clash-evidence = Видеозаписи
clash-signatories = Подписывающие
clash-post = Должность: { $login }
clash-other = Другая часть акта

field-required = обязательно
field-chars = { $used } из { $most } знаков
answer-yes = Да
answer-no = Нет
person-name = Имя, строка { $number }
person-post = Должность, строка { $number }
person-name-short = Фамилия, имя
person-post-short = Должность
person-add = Добавить человека
person-remove = Удалить строку { $number }
drawn-up-title = Кто составляет
drawn-up-capacity = { $name } составляет акт как
points-title = Нарушенные пункты Правил
aids-title = Разрешено, не является нарушением
evidence-title = Видеозаписи, на которые ссылается акт
evidence-none = Видеозаписи не указаны.
evidence-watch = Смотреть
evidence-remove = Убрать { $range }
evidence-add = Открыть просмотр
evidence-add-hint = чтобы отметить ещё отрезок и добавить его в этот проект.
attachments-title = Кадры и бумаги
attachments-none = Ничего не приложено.
attachments-locked = Кадры открываются только ключом просмотра.
attachment-sealed = зашифровано
attachment-save = Открыть и сохранить
attachment-remove = Удалить { $name }
attachment-kind-still = Кадры
attachment-kind-annex = Приложение с кадрами
attachment-kind-scan = Скан
scan-add = Скан бумажного акта, подписанного на месте (PDF, JPEG, PNG)
scan-hint = Не более 32 МБ. Шифруется в этом браузере до отправки.
scan-wrong-kind = Выберите файл PDF, JPEG или PNG.
signers-title = Подписывающие
signers-hint = От { $least } до { $most } человек, каждый — под своей учётной записью и паролем.
signer-post = Должность в акте
signer-who = Кто
signer-choose = Выберите…
signer-nobody = Больше никто не вправе подписать этот акт
signer-add = Добавить
signer-remove = Убрать: { $name }
problems-title = { $count ->
    [one] До подписания: не хватает или неверно — { $count }
    [few] До подписания: не хватает или неверно — { $count }
   *[other] До подписания: не хватает или неверно — { $count }
}
problem-missing = не заполнено
problem-too-long = слишком длинно
problem-bad-date = не дата
problem-bad-choice = выберите вариант
problem-bad-person = у каждого нужны имя и должность
problem-bad-character = есть знак, который нельзя показать в документе
problem-repeated = указано дважды
problem-growing = ещё записывается или передаётся
problem-not-held = больше не хранится: уберите из акта
problem-still-not-cited = кадр снят вне указанных отрезков: укажите его время или уберите кадр
problem-too-much-footage = указанные записи не помещаются в один пакет доказательств: укажите меньше или составьте второй акт
problem-unknown = нет в форме
problem-too-few = слишком мало
problem-too-many = слишком много
problem-other = неверно
place-points = Нарушенные пункты
place-signatories = Подписывающие
place-evidence = Видеозаписи
place-capacity = Кто составляет

finish-title = Завершить проект
finish-send = Отправить на подпись
finish-annex = Приложение с кадрами создаётся, шифруется и прикладывается в этом браузере перед отправкой на подпись.
discard = Снять проект…
discard-title = Снять проект
discard-do = Снять навсегда
discard-what = Текст, кадры и сканы уничтожаются, особое хранение прекращается. Отменить это нельзя.
discard-note = Причина, без имён
unlock-first = Нужен ключ просмотра
unlock-first-why = Кадры и записи зашифрованы, их открывает только ключ просмотра.
step-sign = Подписать
step-back-to-draft = Вернуть в проект
step-pass-on = Передать в комиссию
step-cancel-grade = Подтвердить аннулирование оценки
step-correct = Исправить, дополнить или отменить
step-bundle = Сделать пакет доказательств
step-discard = Снять
sign-lead = Вы подтверждаете акт в том виде, как он показан на этой странице.
sign-content = Дайджест содержания:
sign-last = Ваша подпись последняя: с ней акт получит номер, и изменить его будет нельзя.
sign-password = Ваш пароль
back-what = Уже поставленные подписи теряют силу.
back-note = Почему возвращается
pass-on-lead = Акт передаётся ответственному члену комиссии (10.4).
cancel-grade-lead = Подтверждайте только после того, как оценка аннулирована в учётных данных университета.
cancel-grade-when = Когда аннулирована
cancel-grade-routing = Номер в документообороте или приказ, если есть
cancel-grade-do = Подтвердить
correct-lead = Подписанный акт не меняется. Составляется новый акт со ссылкой на него.
correct-filled-in = Проект начинается с текста этого акта; указанная в нём запись указывается и в проекте, кроме отмены акта.
correct-without-role = Проект начинается с текста этого акта, но без записи: ваша роль не даёт права её указывать. Добавить запись могут сотрудники ИТ или комиссия.
correct-without-late = Срок аннулирования оценки по видеозаписям истёк: проект открывается с текстом этого акта, но без записи.
correct-without-gone = Срок хранения записи, указанной в этом акте, истёк: проект открывается с текстом этого акта, но без записи.
correct-relation = Новый акт
relation-corrects = исправляет этот
relation-supplements = дополняет этот
relation-revokes = отменяет этот
bundle-lead = Один ZIP-файл: указанные записи в исходном виде, их ключи, подписи, квитанции, акт и видео для просмотра. Проверяется без этого сервера.
bundle-receiver = Для кого
bundle-receiver-hint = Создание вносится в журнал акта.
seal-for = Шифрование
seal-none = Нет
seal-keys = Для ключа age получателя
seal-passphrase = Парольной фразой
seal-none-hint = Запись сможет посмотреть любой, у кого окажется файл: передавайте лично.
seal-keys-hint = Откроет только владелец секретного ключа, любой программой age. Попросите у получателя открытый ключ; если получателей несколько — по одному ключу в строке.
seal-passphrase-hint = Откроет только тот, кто знает фразу, любой программой age. Не менее 12 знаков; университет её не хранит.
seal-keys-label = Открытый ключ получателя
seal-passphrase-label = Парольная фраза
seal-passphrase-new = Создать другую
seal-passphrase-once = Фраза показана в последний раз. Сообщите её получателю отдельно от файла: по телефону или лично.
copy = Копировать
copied = Скопировано.
copy-failed = Браузер не скопировал. Выделите текст и скопируйте вручную.
bundle-make = Сделать пакет
bundle-done = Пакет доказательств
bundle-ready = { $files ->
    [one] Пакет готов: { $files } файл, { $mb } МБ.
    [few] Пакет готов: { $files } файла, { $mb } МБ.
   *[other] Пакет готов: { $files } файлов, { $mb } МБ.
}
bundle-save-again = Сохранить файл
bundle-check = Проверить на любом компьютере:
bundle-open = Открыть программой age:
sheet-decision = Решение
sheet-signatures = Подписи
sheet-signed = Подписано
sheet-not-signed = ещё нет
history-title = Ход событий
event-drafted = Открыт проект
event-signature = Подпись
event-signed = Акт подписан всеми: { $number }
event-passed-on = Передан в комиссию
event-grade-cancelled = Оценка аннулирована
event-document = Создан документ
event-bundle = Создан пакет доказательств
event-other = Запись в журнале

refusal-too-late = Срок истёк: оценку можно было аннулировать до { $date } ({ $rule }).
refusal-incomplete = Акт заполнен не полностью: см. список выше.
refusal-wrong-password = Неверный пароль.
refusal-content-changed = Акт тем временем изменён. Прочитайте его снова, прежде чем подписать.
refusal-changed-meanwhile = Акт тем временем изменил другой человек. Посмотрите и повторите.
refusal-wrong-state = Акт уже в другом состоянии.
refusal-signed-already = Вы уже подписали этот акт.
refusal-bad-evidence = Указанную запись использовать нельзя: { $message }
refusal-forbidden = Ваша роль или состояние акта этого не допускают.
refusal-too-many-uploads = Одновременно передаётся слишком много файлов. Отправьте этот ещё раз, когда закончится другой.
refusal-upload-stalled = Полминуты ничего не поступало, передача прекращена. Отправьте файл ещё раз.
refusal-disk-full = Диск сервера почти заполнен, файл не принят. Сообщите сотрудникам ИТ.
progress-keys = Открываем ключи…
progress-fetching = Загрузка…
progress-sealing = Шифрование…
progress-checking = Проверка…
progress-video = Создание видео…
progress-documents = Создание документов…
progress-packing = Упаковка…
evidence-foreign-key = Ключ для шифрования не заверен университетом. Сообщите администратору.
evidence-institution = Ключи принадлежат другому университету.
evidence-not-recipient = Ваш ключ просмотра этого не открывает.
evidence-expired = Ключей этой записи больше нет: истёк срок или закончилось особое хранение.
evidence-growing = Часть отрезка ещё записывается или передаётся. Повторите позже.
evidence-not-confirmed = Сервер вернул не то, что получил. Сообщите администратору.
evidence-differs = Есть отличие от того, что указано в акте: { $message }
evidence-too-large = Файл больше 32 МБ.
evidence-bundle-too-large = Пакет был бы слишком велик: в нём не более 400 файлов, а размер меньше 4 ГБ.
evidence-empty = Файл пуст.
evidence-no-picture = Здесь нет изображения.
evidence-font = Не удалось загрузить шрифт для приложения. Повторите.
evidence-recipient = Не ключ age: { $message }. Ожидается age1 и ещё 58 букв и цифр, точно как дал получатель.
evidence-no-recipient = Введите ключ получателя.
evidence-secret-key = Это секретный ключ, он должен быть только у владельца. Попросите у получателя открытый ключ: он начинается с age1.
evidence-short-passphrase = Фраза слишком короткая: нужно не менее 12 знаков.

holds-title = Хранение по особому основанию
holds-none = Таких записей нет.
hold-put = Взять на особое хранение
hold-put-done = Запись взята на особое хранение
hold-state-pending = оформляется
hold-state-effective = действует
hold-state-released = прекращено
hold-state-hint = Запись на особом хранении не удаляется через месяц, пока хранение не прекращено. Оно оформляется, пока браузер с ключом просмотра не зашифрует ключи именно указанных сегментов; до этого хранится больше, чем указано.
hold-covers = Хранятся целые сегменты отрезка и ничего больше.
hold-growing = { $count ->
    [one] { $count } сегмент получен не полностью; в акте указывается только полученное
    [few] { $count } сегмента получены не полностью; в акте указывается только полученное
   *[other] { $count } сегментов получены не полностью; в акте указывается только полученное
}
hold-over-retention = срок истёк: до оформления хранится больше, чем указано
hold-seal = Оформить сейчас
hold-needs-key = нужен ключ просмотра
hold-reason = Основание
hold-reason-act = Акт
hold-reason-appeal = Апелляция
hold-reason-other = Иное основание
hold-note = Пояснение
hold-nothing-left = В этом отрезке больше нечего прочитать.
hold-recording = Запись
hold-exam = Экзамен
hold-range = Отрезок
hold-covered = Хранится
hold-segments = { $count ->
    [one] { $count } сегмент, { $mb } МБ
    [few] { $count } сегмента, { $mb } МБ
   *[other] { $count } сегментов, { $mb } МБ
}
hold-opened = Начато
hold-released = Прекращено
hold-release = Прекратить хранение
hold-release-what = Сразу действует обычное правило: запись старше месяца уничтожается.
hold-release-note = Почему
released-the-draft-was-discarded = проект снят
released-the-grade-is-cancelled = оценка аннулирована
released-the-act-was-revoked = акт отменён
released-the-act-was-corrected = акт исправлен
released-the-act-was-passed-on = акт передан
released-too-late-to-cancel-the-grade = срок аннулирования оценки истёк
released-too-late-to-sign = срок подписания истёк
released-no-longer-cited-by-the-act = акт больше не ссылается на запись
hold-needed = Это хранение нужно незавершённому акту. Сначала снимите или завершите акт.

registrar-title = Реестр аннулирований
registrar-lead = Подписанные акты для транскрипта (1.20).
registrar-from = Подписаны с
registrar-to = по
registrar-csv = Скачать CSV
registrar-json = Скачать JSON
registrar-wrong = Укажите два дня: первый не позже второго.
registrar-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
registrar-number = Акт
registrar-student = Студент
registrar-exam = Экзамен
registrar-points = Пункты
registrar-signed = Подписан
registrar-cancelled = Оценка аннулирована
registrar-not-cancelled = не подтверждено
registrar-revoked = отменён актом { $number }
registrar-corrected = исправлен актом { $number }
audit-title = Журнал действий
audit-lead = Кто, что, с чем и когда сделал. Каждая запись содержит дайджест предыдущей; имён людей в журнале нет.
audit-filter = Найти
audit-count = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
audit-more = Более поздние записи
audit-number = №
audit-when = Когда
audit-who = Кто
audit-action = Действие
audit-object = Объект
audit-detail = Подробности
`;var sr=`# Review page. Lengths and times arrive as ready text; numbers as numbers.
app-name = Invigil
app-title = Exam footage review
skip-to-content = Skip to content
language = Language
loading = Loading…
back = Back
close = Close
retry = Try again
sign-out = Sign out
signed-in-as = Signed in: { $name }, { $role }
role-reviewer = reviewer
role-board = board member
role-registrar = registrar
role-invigilator = invigilator
role-admin = administrator
role-auditor = auditor
role-unknown = staff

login-title = Sign in
login-lead = For university staff who review exam footage.
login-name = Login
login-password = Password
login-submit = Sign in
login-busy = Signing in…
login-wrong = Login or password is not right.
login-too-many = Too many attempts. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
error-offline = The server does not answer. Check the connection; the page keeps trying.
error-signed-out = You have been signed out. Sign in again.
error-forbidden = Your role does not allow you to see this.
error-expired = This footage has expired and can no longer be read.
error-keys = The keys of this recording cannot be trusted: { $message }
error-other = That did not work (error { $status }). Try again.
browser-lacks = This browser cannot open footage: it lacks { $features }. Use a current Chromium, Firefox or Safari.

exams-title = Exams
exams-none = There are no exams yet.
exam-discipline = Discipline
exam-window = Window
exam-expires = Footage readable until
exam-policy = Rules
exam-recordings = { $count ->
    [one] { $count } recording
   *[other] { $count } recordings
}
exam-flagged = { $count ->
    [one] { $count } needs a decision
   *[other] { $count } need a decision
}
exam-state-coming = not started
exam-state-running = running
exam-state-over = over
exam-state-expired = footage expired
recordings-title = Recordings
recordings-none = Nobody has been added to this exam yet.
recording-kind-candidate = Student
recording-kind-room = Room
recording-state-waiting = waiting to start
recording-state-recording = recording
recording-state-offline = no contact
recording-state-finished = finished
recording-state-expired = footage expired
recording-recorded = Recorded
recording-size = Size
recording-last-contact = Last contact
recording-outages = Disconnects
recording-ended = Ended
never = never
length-minutes = { $count } min
length-seconds = { $count } s
size-mb = { $mb } MB

collected-do = The papers are collected
collected-title = Are the papers of { $room } collected?
collected-explain = The recording of this room ends now and cannot be resumed. What was recorded is kept. Say so only when nobody writes any more and every paper has been collected.
collected-noted = It is noted who said so.
collected-confirm = Yes, end the recording
collected-asked = The scheduled end has passed. Since { $time } the room's computer asks whether the papers are collected; it records until somebody says so.
collected-already = This recording has ended already.
collected-not-begun = Nothing of this exam has been recorded yet, so there is nothing to end.
collected-waiting = It was noted. The room's computer ends the recording as soon as it hears of it.

finding-title = Finding
finding-none = No disconnect longer than the threshold ({ $threshold }).
finding-retake = Disconnect longer than the threshold ({ $threshold }): an oral retake is to be offered.
finding-retake-deadline = Offer it before { $deadline }.
finding-near-miss = Close to the threshold ({ $threshold }): a person has to decide.
finding-could-not-join = Could not join the exam: a person has to decide.
finding-server-outage = Our own server was down: this counts neither for nor against anybody; a person has to decide.
finding-other = A person has to look at this recording.
finding-provisional = Provisional: it may change until the device's journal has arrived.
finding-longest = Longest disconnect in the window: between { $lower } and { $upper }.
finding-total = All together: at most { $total }.
finding-source = Rule: { $source }

unlock-title = Unlock the footage
unlock-lead = Footage is encrypted. The review key is opened in this browser only and is forgotten when you lock it or close the tab.
unlock-passphrase = Passphrase of your review key
unlock-submit = Unlock
unlock-busy = Opening the review key…
unlock-wrong = This passphrase does not open your review key.
unlock-none = No review key has been given to you. Ask an administrator.
unlock-failed = The review key could not be opened: { $message }
lock = Lock
locks-soon = Locks in { $seconds } s without input
unlocked = Unlocked
institution = Institution key
institution-hint = Compare it with the fingerprint that your university publishes.
institution-changed = The institution key is another one than at your last visit on this computer. Compare the fingerprint before you go on.
institution-accept = The fingerprint is right, go on

player-title = Player
player-video = Footage of { $who }
player-play = Play
player-pause = Pause
player-back = Back 10 seconds
player-forward = Forward 10 seconds
player-speed = Speed
player-track = Source
player-mute = Mute
player-volume = Volume
player-volume-value = { $percent } %
player-sound-only = { $track }: sound only
player-sound-unsupported = This browser does not play this recording's sound ({ $codec }); the picture plays without it. Use a current Chromium, Firefox or Safari.
player-sound-too-fast = No sound above { $rate }× speed.
player-live = Live
player-live-hint = Follow the newest footage
player-fullscreen = Full screen
player-go-to = Go to time
player-go = Go
player-go-wrong = Write a time of day such as { $example }.
player-auto-jump = Jump over gaps
player-waiting = Waiting for footage…
player-checking = Verifying and decrypting…
player-no-footage = There is no footage yet.
player-gap = No footage here: { $cause }
player-gap-jump = Go on at { $time }
player-gap-end = No footage after this moment.
player-gap-wait = No newer footage has arrived yet.
player-jumped = Jumped over { $length } ({ $from } to { $to }): { $cause }
player-unsigned = Not yet signed by the device
player-unsupported = This browser does not play the format of this footage ({ $codec }).
player-damaged = Damaged footage
player-damage = Segment { $segment } of { $track }, { $from } to { $to }: { $fault }
player-verified = { $checked } of { $total } segments checked from their beginning; the others are checked when they are played.
player-certificates = { $count ->
    [one] { $count } certificate of this recording does not count.
   *[other] { $count } certificates of this recording do not count.
}
player-keys = Keys: space or K play and pause, J and L 10 seconds, arrows 5 seconds, Shift with arrows 1 minute, Home and End the beginning and the newest footage, < and > speed, M mute, + and − volume, I and O mark beginning and end, S takes a still, F full screen.
player-position = { $time }

timeline-title = Timeline
timeline-slider = Position in the exam
timeline-zoom-in = Zoom in
timeline-zoom-out = Zoom out
timeline-zoom-all = Whole exam
timeline-footage = footage
timeline-sound = sound
timeline-missing = no footage
timeline-outage = disconnect: certain
timeline-outage-upper = disconnect: possible
timeline-damaged = damaged
timeline-now = now
timeline-start = start
timeline-end = end
timeline-expiry = footage expires
timeline-deadline = retake deadline
timeline-legend = Key to the timeline
timeline-zone = Times in { $zone }
table-title = Timeline as a table
table-what = What
table-from = From
table-to = To
table-length = Length
table-details = Details
table-ongoing = going on
table-outage = Disconnect: { $cause }
table-outage-bounds = between { $lower } and { $upper }
table-outage-upper = at most { $upper }; the device's own record has not arrived
table-outage-counted = in the window: { $counted }
table-window = Exam window

conditions-title = Needs attention now
conditions-computer = computer
conditions-since = since { $time }
condition-camera-lost = no picture
condition-microphone-lost = sound is not recorded
condition-dark = picture too dark
condition-covered = picture covered
condition-frozen = picture does not change
condition-silent = no sound at all
condition-low-disk = disk nearly full
condition-slow-disk = disk too slow
condition-cpu = processor does not keep up
condition-other = something else

cause-not-joined = not joined
cause-agent-stopped = recording program stopped
cause-power-or-reboot = power cut or restart
cause-suspended = computer asleep
cause-camera-lost = camera lost
cause-microphone-lost = microphone lost
cause-capture-paused = recording paused: no room on the disk, or the disk failed
cause-computer-too-busy = computer too busy: processor or disk did not keep up
cause-not-yet-uploaded = not yet uploaded
cause-unknown = cause not known
cause-damaged = damaged footage
cause-other-track = this camera has no picture here, another one has
cause-only-sound = no camera has a picture here, but there is sound; choose it as the source
cause-link = connection lost
cause-server = our own server
cause-never-joined = never joined

fault-malformed = not readable
fault-statement-signature = a statement's signature is not right
fault-certificate = the key is not certified by the institution
fault-key-record = the key record does not open or is not authentic
fault-commitment = sealed with another key
fault-not-opened = bytes were changed (the seal is broken)
fault-header = the header does not belong to this recording's keys
fault-chain = bytes were changed, cut out or put in another order
fault-order = parts are in the wrong order
fault-signature = the device's signature is not right
fault-unsigned = no signature of the device covers it
fault-closing = the closing record does not fit
fault-truncated = the end is missing
fault-wrong-segment = another segment was delivered
fault-cut-out = footage before it was taken out
fault-beacon = the server's time mark is not right
fault-index = the server's list of the footage (place or time) is not what the device recorded
fault-decode = picture or sound cannot be decoded
`;var ar=`# Қарау беті. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
app-name = Invigil
app-title = Емтихан бейнежазбаларын қарау
skip-to-content = Мазмұнға өту
language = Тіл
loading = Жүктелуде…
back = Артқа
close = Жабу
retry = Қайталау
sign-out = Шығу
signed-in-as = Кірген: { $name }, { $role }
role-reviewer = жазбаларды қараушы
role-board = комиссия мүшесі
role-registrar = тіркеуші офис
role-invigilator = кезекші оқытушы
role-admin = әкімші
role-auditor = аудитор
role-unknown = қызметкер

login-title = Кіру
login-lead = Емтихан бейнежазбаларын қарайтын университет қызметкерлеріне арналған.
login-name = Логин
login-password = Құпиясөз
login-submit = Кіру
login-busy = Кіруде…
login-wrong = Логин немесе құпиясөз қате.
login-too-many = Әрекет тым көп. { $seconds ->
    [one] { $seconds } секундтан
   *[other] { $seconds } секундтан
} кейін қайталаңыз.
error-offline = Сервер жауап бермейді. Байланысты тексеріңіз; бет әрекетті жалғастырып жатыр.
error-signed-out = Сеанс аяқталды. Қайта кіріңіз.
error-forbidden = Сіздің рөліңіз мұны қарауға рұқсат бермейді.
error-expired = Сақтау мерзімі бітті, жазбаны енді оқу мүмкін емес.
error-keys = Бұл жазбаның кілттеріне сенуге болмайды: { $message }
error-other = Орындалмады (қате { $status }). Қайталап көріңіз.
browser-lacks = Бұл браузер жазбаларды аша алмайды: онда { $features } жоқ. Chromium, Firefox немесе Safari браузерінің соңғы нұсқасы керек.

exams-title = Емтихандар
exams-none = Әзірге емтихан жоқ.
exam-discipline = Пән
exam-window = Емтихан уақыты
exam-expires = Жазбалардың сақталу мерзімі
exam-policy = Ережелер
exam-recordings = { $count ->
    [one] { $count } жазба
   *[other] { $count } жазба
}
exam-flagged = { $count ->
    [one] { $count } жазба шешім күтуде
   *[other] { $count } жазба шешім күтуде
}
exam-state-coming = басталған жоқ
exam-state-running = өтіп жатыр
exam-state-over = аяқталды
exam-state-expired = сақтау мерзімі бітті
recordings-title = Жазбалар
recordings-none = Бұл емтиханға әзірге ешкім қосылмаған.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = басталуын күтуде
recording-state-recording = жазылып жатыр
recording-state-offline = байланыс жоқ
recording-state-finished = аяқталды
recording-state-expired = сақтау мерзімі бітті
recording-recorded = Жазылғаны
recording-size = Көлемі
recording-last-contact = Соңғы байланыс
recording-outages = Байланыс үзілуі
recording-ended = Аяқталды
never = болған жоқ
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

collected-do = Жұмыстар жиналды
collected-title = { $room }: жұмыстар жиналды ма?
collected-explain = Бұл аудиторияның жазбасы қазір аяқталады, оны жалғастыруға болмайды. Жазылғаны сақталады. Ешкім жазып отырмағанда және барлық жұмыс жиналғанда ғана растаңыз.
collected-noted = Кім растағаны жазып қойылады.
collected-confirm = Иә, жазбаны аяқтау
collected-asked = Емтиханның кесте бойынша уақыты бітті. Аудитория компьютері { $time } бастап жұмыстар жиналды ма деп сұрап тұр; біреу растағанша жазба жүре береді.
collected-already = Бұл жазба бұрын аяқталған.
collected-not-begun = Бұл емтихан әлі жазылған жоқ, аяқтайтын ештеңе жоқ.
collected-waiting = Растау қабылданды. Аудитория компьютері бұл туралы білген бойда жазбаны аяқтайды.

finding-title = Қорытынды
finding-none = Шектен ({ $threshold }) ұзақ байланыс үзілуі жоқ.
finding-retake = Байланыс үзілуі шектен ({ $threshold }) ұзақ: ауызша қайта тапсыру мүмкіндігін беру керек.
finding-retake-deadline = Соңғы мерзімі — { $deadline }.
finding-near-miss = Ұзақтығы шекке ({ $threshold }) жақын: шешімді жауапты адам қабылдайды.
finding-could-not-join = Емтиханға қосыла алмады: шешімді жауапты адам қабылдайды.
finding-server-outage = Өз серверіміз істемей қалды: бұл ешкімнің пайдасына да, зиянына да есептелмейді; шешімді жауапты адам қабылдайды.
finding-other = Бұл жазбаны жауапты адам қарауы керек.
finding-provisional = Алдын ала қорытынды: құрылғы журналы келгенше өзгеруі мүмкін.
finding-longest = Емтихан уақытындағы ең ұзақ үзіліс: { $lower } мен { $upper } аралығында.
finding-total = Барлығын қосқанда: ең көбі { $total }.
finding-source = Негізі: { $source }

unlock-title = Бейнежазбаны ашу
unlock-lead = Жазбалар шифрланған. Қарау кілті тек осы браузерде ашылады, оны құлыптағанда немесе қойындыны жапқанда жадтан өшіріледі.
unlock-passphrase = Қарау кілтінің құпия фразасы
unlock-submit = Ашу
unlock-busy = Қарау кілті ашылуда…
unlock-wrong = Бұл құпия фраза сіздің қарау кілтіңізге сәйкес келмейді.
unlock-none = Сізге қарау кілті берілмеген. Әкімшіге хабарласыңыз.
unlock-failed = Қарау кілтін ашу мүмкін болмады: { $message }
lock = Құлыптау
locks-soon = Әрекет болмаса, { $seconds } с кейін құлыпталады
unlocked = Кілт ашық
institution = Университет кілті
institution-hint = Оны университет жариялаған кілт таңбасымен салыстырыңыз.
institution-changed = Университет кілті осы компьютерден соңғы рет кіргендегіден басқа. Жалғастырмас бұрын кілт таңбасын салыстырыңыз.
institution-accept = Таңба дұрыс, жалғастыру

player-title = Қарау
player-video = Бейнежазба: { $who }
player-play = Ойнату
player-pause = Кідірту
player-back = 10 секунд артқа
player-forward = 10 секунд алға
player-speed = Жылдамдық
player-track = Көз
player-mute = Дыбысты өшіру
player-volume = Дыбыс деңгейі
player-volume-value = { $percent } %
player-sound-only = { $track }: тек дыбыс
player-sound-unsupported = Бұл браузер жазбаның дыбысын ойната алмайды ({ $codec }); бейне дыбыссыз көрсетіледі. Заманауи Chromium, Firefox немесе Safari қолданыңыз.
player-sound-too-fast = { $rate }× жылдамдықтан жоғарыда дыбыс жоқ.
player-live = Тікелей
player-live-hint = Соңғы кадрларды бақылау
player-fullscreen = Толық экран
player-go-to = Уақытқа өту
player-go = Өту
player-go-wrong = Тәулік уақытын жазыңыз, мысалы { $example }.
player-auto-jump = Жазба жоқ жерлерді аттап өту
player-waiting = Жазба күтілуде…
player-checking = Тексеріліп, шифры ашылуда…
player-no-footage = Әзірге бейнежазба жоқ.
player-gap = Бұл жерде жазба жоқ: { $cause }
player-gap-jump = { $time } уақытынан жалғастыру
player-gap-end = Осы сәттен кейін жазба жоқ.
player-gap-wait = Жаңа кадрлар әлі келген жоқ.
player-jumped = { $length } аттап өтілді ({ $from }–{ $to }): { $cause }
player-unsigned = Құрылғы әлі қол қоймаған
player-unsupported = Бұл браузер жазбаның пішімін ойната алмайды ({ $codec }).
player-damaged = Зақымдалған жазба
player-damage = { $track } көзінің { $segment }-сегменті, { $from }–{ $to }: { $fault }
player-verified = Басынан бастап тексерілген сегменттер: { $total } ішінен { $checked }; қалғандары қарау кезінде тексеріледі.
player-certificates = { $count ->
    [one] Бұл жазбаның { $count } сертификаты жарамсыз.
   *[other] Бұл жазбаның { $count } сертификаты жарамсыз.
}
player-keys = Пернелер: бос орын немесе K — ойнату мен кідірту, J және L — 10 секунд, көрсеткілер — 5 секунд, Shift пен көрсеткілер — 1 минут, Home және End — басы мен соңғы кадрлар, < және > — жылдамдық, M — дыбысты өшіру, + пен − — дыбыс деңгейі, I мен O — басы мен соңын белгілеу, S — кадр алу, F — толық экран.
player-position = { $time }

timeline-title = Уақыт шкаласы
timeline-slider = Емтихан шкаласындағы орын
timeline-zoom-in = Үлкейту
timeline-zoom-out = Кішірейту
timeline-zoom-all = Бүкіл емтихан
timeline-footage = жазба бар
timeline-sound = дыбыс
timeline-missing = жазба жоқ
timeline-outage = байланыс үзілуі: анық
timeline-outage-upper = байланыс үзілуі: мүмкін
timeline-damaged = зақымдалған
timeline-now = қазір
timeline-start = басы
timeline-end = соңы
timeline-expiry = сақтау мерзімінің соңы
timeline-deadline = қайта тапсыру мерзімі
timeline-legend = Шкала белгілері
timeline-zone = Уақыт { $zone }
table-title = Уақыт шкаласы кесте түрінде
table-what = Оқиға
table-from = Басы
table-to = Соңы
table-length = Ұзақтығы
table-details = Толығырақ
table-ongoing = жалғасуда
table-outage = Байланыс үзілуі: { $cause }
table-outage-bounds = { $lower } мен { $upper } аралығында
table-outage-upper = ең көбі { $upper }; құрылғы журналы әлі келген жоқ
table-outage-counted = емтихан уақытында: { $counted }
table-window = Емтихан уақыты

conditions-title = Қазір назар аудару керек
conditions-computer = компьютер
conditions-since = { $time } бастап
condition-camera-lost = көрініс жоқ
condition-microphone-lost = дыбыс жазылмай тұр
condition-dark = көрініс тым қараңғы
condition-covered = камера жабылған
condition-frozen = көрініс өзгермейді
condition-silent = мүлде дыбыс жоқ
condition-low-disk = диск толуға жақын
condition-slow-disk = диск тым баяу
condition-cpu = процессор үлгермейді
condition-other = басқа

cause-not-joined = қосылмаған
cause-agent-stopped = жазу бағдарламасы тоқтатылған
cause-power-or-reboot = электр өшкен немесе компьютер қайта қосылған
cause-suspended = компьютер ұйқы режимінде болған
cause-camera-lost = камера жоғалған
cause-microphone-lost = микрофон жоғалған
cause-capture-paused = жазу тоқтатылды: дискіде орын жоқ немесе диск істен шықты
cause-computer-too-busy = компьютер тым жүктелген болды: процессор немесе диск үлгермеді
cause-not-yet-uploaded = серверге әлі жіберілмеген
cause-unknown = себебі белгісіз
cause-damaged = жазба зақымдалған
cause-other-track = бұл камерада көрініс жоқ, басқасында бар
cause-only-sound = бұл жерде ешбір камерада бейне жоқ, бірақ дыбыс бар; оны көз ретінде таңдаңыз
cause-link = байланыс жоғалған
cause-server = өз серверіміздің ақауы
cause-never-joined = мүлде қосылмаған

fault-malformed = оқылмайды
fault-statement-signature = құжаттың қолтаңбасы дұрыс емес
fault-certificate = кілтті университет растамаған
fault-key-record = кілт туралы жазба ашылмайды немесе түпнұсқа емес
fault-commitment = басқа кілтпен шифрланған
fault-not-opened = деректер өзгертілген (криптографиялық қорғанысы бұзылған)
fault-header = тақырыбы осы жазбаның кілттеріне сәйкес емес
fault-chain = деректер өзгертілген, қиып алынған немесе орны ауыстырылған
fault-order = бөліктердің реті бұзылған
fault-signature = құрылғының қолтаңбасы дұрыс емес
fault-unsigned = құрылғының қолтаңбасымен расталмаған
fault-closing = қорытынды жазбасы сәйкес келмейді
fault-truncated = соңы жоқ
fault-wrong-segment = басқа сегмент жіберілген
fault-cut-out = алдындағы бөлігі алып тасталған
fault-beacon = сервердің уақыт белгісі дұрыс емес
fault-index = сервердегі үзінділер тізімі (орны немесе уақыты) құрылғы жазғанға сәйкес емес
fault-decode = бейнені немесе дыбысты декодтау мүмкін емес
`;var ir=`# Страница просмотра. Длительности и время приходят готовым текстом, числа — числами.
app-name = Invigil
app-title = Просмотр видеозаписей экзаменов
skip-to-content = Перейти к содержанию
language = Язык
loading = Загрузка…
back = Назад
close = Закрыть
retry = Повторить
sign-out = Выйти
signed-in-as = Вход выполнен: { $name }, { $role }
role-reviewer = просмотр записей
role-board = член комиссии
role-registrar = офис-регистратор
role-invigilator = дежурный преподаватель
role-admin = администратор
role-auditor = аудитор
role-unknown = сотрудник

login-title = Вход
login-lead = Для сотрудников университета, которые просматривают видеозаписи экзаменов.
login-name = Логин
login-password = Пароль
login-submit = Войти
login-busy = Выполняется вход…
login-wrong = Неверный логин или пароль.
login-too-many = Слишком много попыток. Повторите через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[other] { $seconds } секунд
}.
error-offline = Сервер не отвечает. Проверьте соединение; страница продолжает попытки.
error-signed-out = Сеанс завершён. Войдите снова.
error-forbidden = Ваша роль не даёт права на просмотр.
error-expired = Срок хранения истёк, запись больше нельзя прочитать.
error-keys = Ключам этой записи нельзя доверять: { $message }
error-other = Не получилось (ошибка { $status }). Повторите попытку.
browser-lacks = Этот браузер не может открыть записи: в нём нет { $features }. Нужна современная версия Chromium, Firefox или Safari.

exams-title = Экзамены
exams-none = Экзаменов пока нет.
exam-discipline = Дисциплина
exam-window = Время экзамена
exam-expires = Записи доступны до
exam-policy = Правила
exam-recordings = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
exam-flagged = { $count ->
    [one] { $count } требует решения
    [few] { $count } требуют решения
   *[other] { $count } требуют решения
}
exam-state-coming = не начался
exam-state-running = идёт
exam-state-over = завершён
exam-state-expired = срок хранения истёк
recordings-title = Записи
recordings-none = В этот экзамен пока никто не добавлен.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = ожидает начала
recording-state-recording = идёт запись
recording-state-offline = нет связи
recording-state-finished = завершена
recording-state-expired = срок хранения истёк
recording-recorded = Записано
recording-size = Объём
recording-last-contact = Последняя связь
recording-outages = Обрывы связи
recording-ended = Закончена
never = не было
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

collected-do = Работы собраны
collected-title = Работы в { $room } собраны?
collected-explain = Запись этой аудитории сейчас закончится, возобновить её нельзя. Уже записанное сохраняется. Подтверждайте, только когда никто больше не пишет и все работы собраны.
collected-noted = Кто это подтвердил, будет записано.
collected-confirm = Да, закончить запись
collected-asked = Время экзамена по расписанию истекло. С { $time } компьютер аудитории спрашивает, собраны ли работы; запись идёт, пока кто-нибудь это не подтвердит.
collected-already = Эта запись уже закончена.
collected-not-begun = Этот экзамен ещё не записывался, заканчивать нечего.
collected-waiting = Подтверждение принято. Компьютер аудитории закончит запись, как только узнает об этом.

finding-title = Заключение
finding-none = Обрывов связи дольше порога ({ $threshold }) нет.
finding-retake = Обрыв связи дольше порога ({ $threshold }): следует предоставить устную пересдачу.
finding-retake-deadline = Предоставить до { $deadline }.
finding-near-miss = Длительность близка к порогу ({ $threshold }): решение принимает ответственное лицо.
finding-could-not-join = Не удалось подключиться к экзамену: решение принимает ответственное лицо.
finding-server-outage = Не работал наш сервер: это не засчитывается ни в чью пользу; решение принимает ответственное лицо.
finding-other = Эту запись должно рассмотреть ответственное лицо.
finding-provisional = Предварительно: может измениться, пока не получен журнал устройства.
finding-longest = Самый долгий обрыв за время экзамена: от { $lower } до { $upper }.
finding-total = В сумме: не более { $total }.
finding-source = Основание: { $source }

unlock-title = Открыть видеозапись
unlock-lead = Записи зашифрованы. Ключ просмотра открывается только в этом браузере и стирается из памяти, когда вы его блокируете или закрываете вкладку.
unlock-passphrase = Парольная фраза ключа просмотра
unlock-submit = Открыть
unlock-busy = Открываем ключ просмотра…
unlock-wrong = Эта парольная фраза не подходит к вашему ключу просмотра.
unlock-none = Вам не выдан ключ просмотра. Обратитесь к администратору.
unlock-failed = Не удалось открыть ключ просмотра: { $message }
lock = Заблокировать
locks-soon = Блокировка через { $seconds } с без действий
unlocked = Ключ открыт
institution = Ключ университета
institution-hint = Сравните его с отпечатком, который публикует ваш университет.
institution-changed = Ключ университета не тот, что при прошлом посещении с этого компьютера. Прежде чем продолжить, сверьте отпечаток.
institution-accept = Отпечаток верный, продолжить

player-title = Просмотр
player-video = Видеозапись: { $who }
player-play = Воспроизвести
player-pause = Пауза
player-back = Назад на 10 секунд
player-forward = Вперёд на 10 секунд
player-speed = Скорость
player-track = Источник
player-mute = Выключить звук
player-volume = Громкость
player-volume-value = { $percent } %
player-sound-only = { $track }: только звук
player-sound-unsupported = Этот браузер не воспроизводит звук этой записи ({ $codec }); изображение идёт без него. Используйте современный Chromium, Firefox или Safari.
player-sound-too-fast = На скорости выше { $rate }× звука нет.
player-live = Эфир
player-live-hint = Следить за последними кадрами
player-fullscreen = На весь экран
player-go-to = Перейти ко времени
player-go = Перейти
player-go-wrong = Укажите время суток, например { $example }.
player-auto-jump = Пропускать разрывы записи
player-waiting = Ожидание записи…
player-checking = Проверка и расшифровка…
player-no-footage = Видеозаписи пока нет.
player-gap = Здесь нет записи: { $cause }
player-gap-jump = Продолжить с { $time }
player-gap-end = После этого момента записи нет.
player-gap-wait = Новых кадров пока не поступило.
player-jumped = Пропущено { $length } (с { $from } до { $to }): { $cause }
player-unsigned = Ещё не подписано устройством
player-unsupported = Этот браузер не воспроизводит формат записи ({ $codec }).
player-damaged = Повреждённая запись
player-damage = Сегмент { $segment } источника { $track }, с { $from } до { $to }: { $fault }
player-verified = Проверено с самого начала сегментов: { $checked } из { $total }; остальные проверяются при просмотре.
player-certificates = { $count ->
    [one] { $count } сертификат этой записи недействителен.
    [few] { $count } сертификата этой записи недействительны.
   *[other] { $count } сертификатов этой записи недействительны.
}
player-keys = Клавиши: пробел или K — воспроизведение и пауза, J и L — 10 секунд, стрелки — 5 секунд, Shift и стрелки — 1 минута, Home и End — начало и последние кадры, < и > — скорость, M — выключить звук, + и − — громкость, I и O — отметить начало и конец, S — снять кадр, F — на весь экран.
player-position = { $time }

timeline-title = Шкала времени
timeline-slider = Место на шкале экзамена
timeline-zoom-in = Крупнее
timeline-zoom-out = Мельче
timeline-zoom-all = Весь экзамен
timeline-footage = запись есть
timeline-sound = звук
timeline-missing = записи нет
timeline-outage = обрыв связи: достоверно
timeline-outage-upper = обрыв связи: возможно
timeline-damaged = повреждено
timeline-now = сейчас
timeline-start = начало
timeline-end = конец
timeline-expiry = конец хранения
timeline-deadline = срок пересдачи
timeline-legend = Обозначения шкалы
timeline-zone = Время { $zone }
table-title = Шкала времени в виде таблицы
table-what = Событие
table-from = С
table-to = До
table-length = Длительность
table-details = Подробности
table-ongoing = продолжается
table-outage = Обрыв связи: { $cause }
table-outage-bounds = от { $lower } до { $upper }
table-outage-upper = не более { $upper }; журнал устройства ещё не получен
table-outage-counted = за время экзамена: { $counted }
table-window = Время экзамена

conditions-title = Требует внимания сейчас
conditions-computer = компьютер
conditions-since = с { $time }
condition-camera-lost = нет изображения
condition-microphone-lost = звук не записывается
condition-dark = изображение слишком тёмное
condition-covered = камера закрыта
condition-frozen = изображение не меняется
condition-silent = полная тишина
condition-low-disk = диск почти заполнен
condition-slow-disk = диск слишком медленный
condition-cpu = процессор не успевает
condition-other = другое

cause-not-joined = подключения не было
cause-agent-stopped = программа записи была остановлена
cause-power-or-reboot = отключение питания или перезагрузка
cause-suspended = компьютер был в спящем режиме
cause-camera-lost = камера недоступна
cause-microphone-lost = микрофон недоступен
cause-capture-paused = запись приостановлена: нет места на диске или сбой диска
cause-computer-too-busy = компьютер был перегружен: процессор или диск не успевал
cause-not-yet-uploaded = ещё не передано на сервер
cause-unknown = причина неизвестна
cause-damaged = запись повреждена
cause-other-track = у этой камеры здесь нет изображения, есть у другой
cause-only-sound = здесь нет изображения ни с одной камеры, но есть звук; выберите его как источник
cause-link = потеря соединения
cause-server = сбой нашего сервера
cause-never-joined = подключения так и не было

fault-malformed = не читается
fault-statement-signature = неверная подпись документа
fault-certificate = ключ не заверен университетом
fault-key-record = запись о ключе не открывается или не подлинная
fault-commitment = зашифровано другим ключом
fault-not-opened = данные изменены (нарушена криптографическая защита)
fault-header = заголовок не соответствует ключам этой записи
fault-chain = данные изменены, вырезаны или переставлены
fault-order = нарушен порядок частей
fault-signature = неверная подпись устройства
fault-unsigned = не подтверждено подписью устройства
fault-closing = завершающая запись не сходится
fault-truncated = отсутствует конец
fault-wrong-segment = получен другой сегмент
fault-cut-out = предыдущая часть записи изъята
fault-beacon = неверная отметка времени сервера
fault-index = список фрагментов на сервере (место или время) не совпадает с тем, что записало устройство
fault-decode = не удаётся декодировать изображение или звук
`;var Ce=[{code:"kk",name:"Қазақша"},{code:"ru",name:"Русский"},{code:"en",name:"English"}],lr="invigil.language",xi={kk:`${ar}
${or}`,ru:`${ir}
${rr}`,en:`${sr}
${nr}`},In=new Set,Ft=Mi(),at=cr(Ft);function Mi(){let t=[Si(),...globalThis.navigator?.languages??[]];for(let e of t){let n=Ce.find(({code:r})=>e?.toLowerCase().startsWith(r));if(n)return n.code}return"kk"}function Si(){try{return localStorage.getItem(lr)}catch{return null}}function cr(t){let e=new rt(t,{useIsolating:!1});return e.addResource(new st(xi[t])),e}var de=()=>Ft;function dr(t){Ft=t,at=cr(t);try{localStorage.setItem(lr,t)}catch{}document.documentElement.lang=t;for(let e of[...In])e()}function ur(t){return In.add(t),()=>In.delete(t)}function i(t,e={}){let n=at.getMessage(t)?.value;return n?at.formatPattern(n,e):t}var Nt=t=>at.hasMessage(t);function F(t,e,n={}){return at.hasMessage(t)?i(t,n):i(e,n)}var I=t=>t[Ft];var Re,K,Fn,mr,Nn=Object.is,Lt=0,kr=[],Ln=[],q=N,pr=q.__b,fr=q.__r,hr=q.diffed,gr=q.__c,br=q.unmount,yr=q.__;function lt(t,e){q.__h&&q.__h(K,t,Lt||e),Lt=0;var n=K.__H||(K.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function y(t){return Lt=1,$i(_r,t)}function $i(t,e,n){var r=lt(Re++,2);if(r.t=t,!r.__c&&(r.__=[n?n(e):_r(void 0,e),function(a){var l=(r.__N||r.__)[0],c=r.t(l,a);Nn(l,c)||(r.__N=[c,r.__[1]],r.__c.setState({}))}],r.__c=K,!K.__f)){K.__f=!0;var s=K.shouldComponentUpdate;K.shouldComponentUpdate=function(a,l,c){var u=this.__H;if(!u)return!0;var p=!1,d=this.props!=a;if(u.__.some(function(f){f.__N&&(p=!0,Nn(f.__[0],f.__N[0])||(d=!0))}),s){var h=s.call(this,a,l,c);return p?h||d:h}return!p||d}}return r.__}function E(t,e){var n=lt(Re++,3);!q.__s&&Bn(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,K.__H.__h.push(n))}function Be(t,e){var n=lt(Re++,4);!q.__s&&Bn(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,K.__h.push(n))}function H(t){return Lt=5,ct(function(){return{current:t}},[])}function ct(t,e){var n=lt(Re++,7);return Bn(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function Ue(){var t=lt(Re++,11);if(!t.__){for(var e=K.__v;!e.__m&&e.__;)e=e.__;var n=e.__m||(e.__m=[0,0]);t.__="P"+n[0]+"-"+n[1]++}return t.__}function Ei(){var t;do{for(;t=Ln.shift();)try{it(t)}catch(n){q.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=kr.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(it),e.__h.some(Vn),e.__h=[]}catch(n){e.__h=[],q.__e(n,t.__v)}}}while(Ln.length)}q.__b=function(t){K=null,pr&&pr(t)},q.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),yr&&yr(t,e)},q.__r=function(t){fr&&fr(t),Re=0;var e=(K=t.__c).__H;e&&(Fn==K?K.__h=[]:(e.__h.some(it),e.__h.some(Vn),Re=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),Fn=K},q.diffed=function(t){hr&&hr(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&vr(kr.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),Fn=K=null},q.__c=function(t,e){e.some(function(n){try{n.__h.some(it),n.__h=n.__h.filter(function(r){return!r.__||Vn(r)})}catch(r){n.__h=[function(){throw r}]}}),gr&&gr(t,e)},q.unmount=function(t){br&&br(t);var e,n,r=t.__c;r&&r.__H&&(r.__H.__.some(function(s){try{if(s.__P&&s.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}s.__P=n,vr(Ln.push(s))}else it(s)}catch(a){e=a}}),r.__H=void 0,e&&q.__e(e,r.__v))};var wr=typeof requestAnimationFrame=="function";function Ti(t){var e,n=function(){clearTimeout(r),wr&&cancelAnimationFrame(e),setTimeout(t)},r=setTimeout(n,35);wr&&(e=requestAnimationFrame(n))}function vr(t){t!=1&&mr==q.requestAnimationFrame||((mr=q.requestAnimationFrame)||Ti)(Ei)}function it(t){var e=K,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),K=e}function Vn(t){var e=K;t.__c=t.__(),K=e}function Bn(t,e){return!t||t.length!=e.length||e.some(function(n,r){return!Nn(n,t[r])})}function _r(t,e){return typeof e=="function"?e(t):e}var ze=null,Vt=new Set,xr=30*6e4,Ai=29*6e4,Bt=performance.now(),W={get key(){return ze},watch(t){return Vt.add(t),()=>Vt.delete(t)},lock(){if(ze){ze=null;for(let t of[...Vt])t()}},async unlock(t){let e=await A.reviewKeys();if(e.length===0)return"no-key";for(let n of e){let r=So(n.wrapped),s=await Ci(t,r.kdf),a=await $o(r,s);if(s.fill(0),!!a){ze=a,Bt=performance.now();for(let l of[...Vt])l();return"open"}}return"wrong-passphrase"}};function Ci(t,e){let n=new Worker("/kdf-worker.js",{type:"module"});return new Promise((r,s)=>{n.onmessage=a=>{a.data.derived?r(a.data.derived):s(new Error(a.data.error))},n.onerror=()=>s(new Error("the key derivation did not start")),n.postMessage({passphrase:t,kdf:e})}).finally(()=>n.terminate())}function Mr(){let t=performance.now()-Bt;return ze&&t>Ai?Math.max(0,xr-t):null}function Sr(){let t=()=>{Bt=performance.now()};for(let e of["pointerdown","pointermove","keydown","wheel","touchstart"])addEventListener(e,t,{passive:!0});setInterval(()=>{ze&&performance.now()-Bt>=xr&&W.lock()},1e3)}async function $r(){let t=[];if(!globalThis.isSecureContext||!globalThis.crypto?.subtle)return["WebCrypto (HTTPS)"];for(let[e,n]of[["X25519",["deriveBits"]],["Ed25519",["sign","verify"]]])await crypto.subtle.generateKey({name:e},!1,[...n]).catch(()=>t.push(e));return"MediaSource"in globalThis||t.push("Media Source Extensions"),"WebAssembly"in globalThis||t.push("WebAssembly"),t}var Un="[0-9a-f-]{36}";function dt(t){let e=new RegExp(`^#/exam/(${Un})$`).exec(t);if(e?.[1])return{page:"exam",id:e[1]};let n=new RegExp(`^#/recording/(${Un})(?:\\?t=(-?\\d+(?:\\.\\d+)?))?$`).exec(t);if(n?.[1])return{page:"recording",id:n[1],atSecs:n[2]===void 0?null:Number(n[2])};let r=new RegExp(`^#/act/(${Un})$`).exec(t);if(r?.[1])return{page:"act",id:r[1]};let s=/^#\/(acts|holds|registrar|audit)$/.exec(t);return s?.[1]?{page:s[1]}:{page:"exams"}}function Er(){let[t,e]=y(()=>dt(location.hash));return E(()=>{let n=r=>e(dt(new URL(r.newURL).hash));return addEventListener("hashchange",n),()=>removeEventListener("hashchange",n)},[]),t}function Tr(){let[t,e]=y(de());return E(()=>ur(()=>e(de())),[]),t}function ee(){let[t,e]=y(W.key);return E(()=>W.watch(()=>e(W.key)),[]),t}function Y(...t){let e=[...t,i("app-name")].join(" · ");E(()=>{document.title=e},[e])}function ie(t,e,n){let[r,s]=y({value:null,error:null});return E(()=>{let a=!1,l;s({value:null,error:null});let c=async()=>{if(!document.hidden)try{let u=await t(Le);a||s({value:u,error:null})}catch(u){let p=u instanceof D?u:new D(0,"");a||s(({value:d})=>({value:d,error:p}))}a||(l=setTimeout(c,e))};return c(),()=>{a=!0,clearTimeout(l)}},n),r}function ue(t){switch(t.status){case 0:return i("error-offline");case 401:return i("error-signed-out");case 403:return i("error-forbidden");case 410:return i("error-expired");case 429:return i("login-too-many",{seconds:t.retryAfterSecs??60});default:return i("error-other",{status:t.status})}}function zn(t,e){return t instanceof D?e?.(t)??ue(t):i("error-failed",{message:t instanceof Error?t.message:String(t)})}function Z(t){let[e,n]=y(!1),[r,s]=y(null);return{busy:e,trouble:r,run:async l=>{n(!0),s(null);try{await l()}catch(c){s(zn(c,t))}finally{n(!1)}},clear:()=>s(null)}}function fe(t){let e=Math.abs(Math.round(t/60)),n=e%60;return`UTC${t<0?"−":"+"}${Math.floor(e/60)}${n===0?"":`:${_e(n)}`}`}var _e=t=>String(t).padStart(2,"0");function ge(t){let e=/([+-])(\d\d):(\d\d)(?:\[.*\])?$/.exec(t);if(!e)return/Z$/i.test(t)?0:null;let n=Number(e[2])*3600+Number(e[3])*60;return e[1]==="-"?-n:n}var Ar=(t,e)=>new Date(t+e*1e3);function R(t,e,n=!0){let r=Ar(t,e);return`${_e(r.getUTCHours())}:${_e(r.getUTCMinutes())}${n?`:${_e(r.getUTCSeconds())}`:""}`}function J(t,e){let n=Ar(t,e);return`${_e(n.getUTCDate())}.${_e(n.getUTCMonth()+1)}.${n.getUTCFullYear()}`}function P(t,e,n=!1){return`${J(t,e)} ${R(t,e,n)} ${fe(e)}`}function te(t){let e=Math.floor(Math.abs(t)/1e3),n=t<0?"−":"",r=Math.floor(e/3600),s=`${_e(e%60)}`,a=Math.floor(e/60)%60;return r>0?`${n}${r}:${_e(a)}:${s}`:`${n}${a}:${s}`}function be(t){return`${te(t)}.${String(Math.floor(Math.abs(t))%1e3).padStart(3,"0")}`}function Ut(t,e,n){let r=/^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(t);if(!r)return null;let[s,a,l]=[Number(r[1]),Number(r[2]),Number(r[3]??0)];if(s>23||a>59||l>59)return null;let c=Math.floor((e+n*1e3)/864e5)*864e5-n*1e3,u=(s*3600+a*60+l)*1e3;return[-1,0,1].map(d=>c+d*864e5+u).reduce((d,h)=>Math.abs(h-e)<Math.abs(d-e)?h:d)}var Ri=Symbol.for("pv"),Pi=0;function o(t,e,n,r,s,a){e||(e={});var l,c,u=e;if("ref"in u&&typeof t!="function")for(c in u={},e)c=="ref"?l=e[c]:u[c]=e[c];var p={type:t,props:u,key:n,ref:l,__k:null,__:null,__b:0,__e:null,__c:null,constructor:Ri,__v:--Pi,__i:-1,__u:0};return(s||a)&&(p.__source=s,p.__self=a),N.vnode&&N.vnode(p),p}function xe(t,e,n){let r=J(t,n)===J(e,n)?"":`${J(e,n)} `;return`${J(t,n)} ${R(t,n,!1)} – ${r}${R(e,n,!1)} ${fe(n)}`}function Cr(t){return t%6e4===0?i("length-minutes",{count:t/6e4}):i("length-seconds",{count:t/1e3})}function z({tone:t,children:e}){return o("span",{class:`chip ${t}`,children:e})}function X({error:t,empty:e,onSignedOut:n}){return E(()=>{t?.status===401&&n()},[t]),t?o("p",{class:"message bad",role:"alert",children:ue(t)}):e?o("p",{class:"hint",role:"status",children:i("loading")}):null}function je({rows:t}){return o("dl",{class:"facts",children:t.map(e=>e&&o("div",{children:[o("dt",{children:e[0]}),o("dd",{children:e[1]})]},e[0]))})}function Me(t){let e=(t/1e6).toFixed(1);return de()==="en"?e:e.replace(".",",")}function jn(t,e){let n=Math.max(0,t-e),r=Math.floor(n/36e5),s=Math.floor(r/24),a=s<3?"bad":s<7?"warn":"plain";return{over:t<=e,days:s,hours:r%24,minutes:Math.floor(n/6e4)%60,tone:a}}function zt(t){return t.cancel_until_ms!==null&&!["grade-cancelled","discarded"].includes(t.state)&&t.revoked_by===null&&t.corrected_by===null}function Rr(t){let e=n=>zt(n)?n.cancel_until_ms:Number.POSITIVE_INFINITY;return[...t].sort((n,r)=>{let[s,a]=[e(n),e(r)];return s===a?r.created_ms-n.created_ms:s-a})}function jt(t){return t.split(`
`).map(e=>{let n=e.indexOf(";");return n<0?{name:e,post:""}:{name:e.slice(0,n),post:e.slice(n+1).replace(/^ /,"")}})}var Hn=t=>t.replace(/[\r\n]+/g," ");function qn(t){let e=({name:n,post:r})=>r===""?Hn(n).replaceAll(";",","):`${Hn(n).replaceAll(";",",")}; ${Hn(r)}`;return t.map(e).join(`
`)}function ne(t){let{error:e,message:n}=t.body;if(e===void 0)return null;if(!Nt(`refusal-${e}`))return t.status===422||t.status===409?n??null:null;let{until_ms:r,until:s,rule:a}=t.body,l=typeof r=="number"?P(r,ge(String(s))??0):"";return i(`refusal-${e}`,{date:l,rule:String(a??""),message:n??""})}var Pr=t=>({draft:"plain","for-signature":"warn",signed:"good","passed-on":"good","grade-cancelled":"good",discarded:"bad"})[t],ut=(t,e)=>{let n=t.find(r=>r.kind===e);return n?I(n.title):e};function Or(t,e,n){let r=t.find(s=>s.kind===e)?.points.find(s=>s.id===n);return r?`${r.source} ${I(r.text)}`:n}function Dr({revoked_by:t,corrected_by:e,cancelled:n}){return t!==null?{key:"registrar-revoked",number:t}:e!==null?{key:"registrar-corrected",number:e}:{key:n===null?"registrar-not-cancelled":null,number:""}}var Ht=({state:t,number_text:e})=>e??i(t==="for-signature"?"act-number-later":"act-no-number"),Ir=(t,e)=>`${ut(e,t.kind)}${t.number_text?` ${t.number_text}`:""}`,qt=t=>ge(t.cancel_until??"")??t.exam.utc_offset_secs;function He(t,e){switch(t.kind){case"choice":return I(t.choices.find(({id:n})=>n===e)?.label??{kk:e,ru:e,en:e});case"yes-no":return e==="yes"||e==="no"?i(`answer-${e}`):e;case"date":{let n=Date.parse(`${e}T00:00:00Z`);return Number.isNaN(n)?e:J(n,0)}case"persons":return jt(e).filter(({name:n})=>n.trim()!=="").map(({name:n,post:r})=>r.trim()?`${n.trim()} — ${r.trim()}`:n.trim()).join(`
`);default:return e}}var Kn=t=>(t.slice(0,16).match(/.{4}/g)??[]).join(" "),mt=t=>`field-${t}`;function Wn({act:t,nowMs:e}){if(t.cancel_until_ms===null||!zt(t))return null;let{over:n,days:r,hours:s,minutes:a,tone:l}=jn(t.cancel_until_ms,e);return o(z,{tone:n?"bad":l,children:n?i("countdown-over"):r+s>0?i("countdown-left",{days:r,hours:s}):i("countdown-minutes",{minutes:a})})}function Fr({act:t,nowMs:e}){if(t.cancel_until_ms===null||!zt(t))return null;let{over:n,tone:r}=jn(t.cancel_until_ms,e),s=P(t.cancel_until_ms,qt(t));return o("p",{class:`message countdown ${n?"bad":r}`,"data-test":"countdown",children:[o(Wn,{act:t,nowMs:e}),o("span",{children:[i(n?"countdown-was":"countdown-until",{until:s})," ",t.cancel_rule!==null&&o("span",{class:"hint",children:i("finding-source",{source:t.cancel_rule})})]})]})}var Oi=1e4,Di=["draft","for-signature","signed","passed-on","grade-cancelled","discarded"],Ii=(t,e)=>e==="all"?!0:e==="yours"?t.yours_to_sign:e==="open"?["draft","for-signature","signed","passed-on"].includes(t.state):t.state===e;function Nr({me:t,onSignedOut:e}){let{value:n,error:r}=ie(g=>g.acts(),Oi,[]),[s,a]=y([]);E(()=>{n&&A.forms().then(a,()=>{})},[n!==null]);let[l,c]=y("open"),[u,p]=y("");Y(i("acts-title"));let d=n?.acts??[],h=[...new Set(d.map(g=>g.kind))].sort(),f=Rr(d).filter(g=>Ii(g,l)&&(u===""||g.kind===u)),m=d.filter(({yours_to_sign:g})=>g);return o(C,{children:[o("h1",{children:i("acts-title")}),o(X,{error:r,empty:!n,onSignedOut:e}),t.role==="invigilator"&&o("p",{class:"hint",children:i("acts-own-hint")}),m.length>0&&l!=="yours"&&o("p",{class:"message warn yours",children:[i("acts-yours-count",{count:m.length}),o("button",{type:"button",class:"small","data-test":"yours",onClick:()=>c("yours"),children:i("acts-yours-show")})]}),o("div",{class:"controls filters",children:[o("label",{class:"inline",children:[i("acts-filter-state"),o("select",{name:"state",value:l,onChange:g=>c(g.currentTarget.value),children:[o("option",{value:"open",children:i("acts-filter-open")}),o("option",{value:"yours",children:i("acts-filter-yours")}),o("option",{value:"all",children:i("acts-filter-all")}),Di.map(g=>o("option",{value:g,children:i(`act-state-${g}`)},g))]})]}),o("label",{class:"inline",children:[i("acts-filter-kind"),o("select",{name:"kind",value:u,onChange:g=>p(g.currentTarget.value),children:[o("option",{value:"",children:i("acts-filter-any-kind")}),h.map(g=>o("option",{value:g,children:ut(s,g)},g))]})]}),o("span",{class:"hint",role:"status",children:n&&i("acts-count",{count:f.length})})]}),n&&f.length===0&&o("p",{class:"hint",children:i("acts-none")}),o("ul",{class:"cards",children:f.map(g=>o("li",{class:"card",children:o(Fi,{act:g,forms:s,nowMs:n?.now_ms??0})},g.id))})]})}function Fi({act:t,forms:e,nowMs:n}){let r=e.find(s=>s.kind===t.kind);return o(C,{children:[o("div",{class:"card-head",children:[o("h2",{children:o("a",{href:`#/act/${t.id}`,children:[Ht(t)," · ",t.subject??(t.state==="discarded"?t.exam.title:i("draw-up-nobody"))]})}),o(Gn,{act:t}),o(Wn,{act:t,nowMs:n}),t.repeated&&o(z,{tone:"bad",children:i("act-repeated-short")}),t.yours_to_sign&&o(z,{tone:"warn",children:i("act-yours")})]}),o("p",{children:r?I(r.title):t.kind}),o("p",{class:"hint",children:[t.exam.title,", ",xe(t.exam.starts_ms,t.exam.ends_ms,t.exam.utc_offset_secs),". ",i("act-drawn-up",{who:t.created_by,date:J(t.created_ms,t.exam.utc_offset_secs)}),t.signatures[1]>0&&t.state!=="discarded"&&` ${i("act-signatures",{given:t.signatures[0],needed:t.signatures[1]})}`]})]})}function Gn({act:t}){return o(C,{children:[o(z,{tone:Pr(t.state),children:i(`act-state-${t.state}`)}),t.revoked_by!==null&&o(z,{tone:"bad",children:i("act-revoked")}),t.corrected_by!==null&&t.revoked_by===null&&o(z,{tone:"warn",children:i("act-corrected")})]})}var Pe=()=>import("./evidence.js"),Lr=async(t,e,n={})=>(await Pe()).sealHold(t,e,n),Vr=async(t,e,n)=>(await Pe()).takeStill(t,e,n),pt=async(t,e,n)=>(await Pe()).sealAttachment(t,e,n),Jn=async(t,e,n,r)=>(await Pe()).openAttachment(t,e,n,r),Br=async(t,e,n={})=>(await Pe()).annexStills(t,e,n),Ur=async t=>(await Pe()).makeAnnex(t),zr=async(t,e,n,r={},s=null)=>(await Pe()).makeBundle(t,e,n,r,s);function Kt({bytes:t,media:e,alt:n}){let[r,s]=y(null);return E(()=>{let a=URL.createObjectURL(new Blob([t],{type:e}));return s(a),()=>URL.revokeObjectURL(a)},[t,e]),r===null?null:o("img",{src:r,alt:n})}function j({title:t,busy:e=!1,onClose:n,onSubmit:r,action:s,danger:a=!1,trouble:l=null,disabled:c=!1,children:u}){let p=H(null),d=Ue();E(()=>{p.current?.showModal()},[]);let h=m=>{m.preventDefault(),e||r?.()},f=o(C,{children:[o("h2",{id:d,children:t}),u,l&&o("p",{class:"message bad",role:"alert",children:l}),o("div",{class:"dialog-end",children:[o("button",{type:"button","data-test":"dialog-close",disabled:e,onClick:n,children:i(r?"cancel":"close")}),r&&o("button",{type:"submit","data-test":"dialog-do",class:a?"danger":"primary",disabled:e||c,children:e?i("working"):s})]})]});return o("dialog",{ref:p,"aria-labelledby":d,onCancel:m=>(m.preventDefault(),e||n()),children:r?o("form",{class:"dialog",onSubmit:h,children:f}):o("div",{class:"dialog",children:f})})}var jr="invigil.institution";function Ni(){try{return localStorage.getItem(jr)}catch{return null}}function Li(t){try{localStorage.setItem(jr,t)}catch{}}function Se({me:t}){let[e,n]=y(""),[r,s]=y(!1),[a,l]=y(null),[c,u]=y(()=>[null,t.institution].includes(Ni()));return o("form",{class:"card unlock",onSubmit:async d=>{d.preventDefault(),s(!0),l(null);try{let h=await W.unlock(e);h==="open"?Li(t.institution):l(h==="no-key"?i("unlock-none"):i("unlock-wrong"))}catch(h){l(h instanceof D?ue(h):i("unlock-failed",{message:h instanceof Error?h.message:String(h)}))}finally{n(""),s(!1)}},"aria-labelledby":"unlock-title",children:[o("h2",{id:"unlock-title",children:i("unlock-title")}),o("p",{children:i("unlock-lead")}),o(Yn,{me:t}),c?o(C,{children:[o("label",{children:[i("unlock-passphrase"),o("input",{name:"passphrase",type:"password",autocomplete:"off",required:!0,disabled:r,value:e,onInput:d=>n(d.currentTarget.value),"aria-describedby":a?"unlock-error":void 0})]}),o("p",{class:"live-region",role:"status",children:r&&i("unlock-busy")}),r&&o("progress",{"aria-label":i("unlock-busy")}),a&&o("p",{class:"message bad",role:"alert",id:"unlock-error",children:a}),o("button",{type:"submit",class:"primary",disabled:r,children:i("unlock-submit")})]}):o("div",{class:"message bad",role:"alert",children:[o("p",{children:i("institution-changed")}),o("button",{type:"button",onClick:()=>u(!0),children:i("institution-accept")})]})]})}function Yn({me:t}){return o("div",{class:"institution",children:[o("span",{children:i("institution")}),o("code",{children:t.institution.replace(/(.{4})(?=.)/g,"$1 ")}),o("small",{class:"hint",children:i("institution-hint")})]})}function Wt({me:t,onOpen:e,onClose:n}){let r=ee();return E(()=>{r&&e()},[r]),o(j,{title:i("unlock-first"),onClose:n,children:[o("p",{children:i("unlock-first-why")}),!r&&o(Se,{me:t})]})}var Gt={fromMs:null,toMs:null},Vi=2*36e5,qe=1e3,Zn=t=>Math.floor(t/qe)*qe,Xn=t=>Math.ceil(t/qe)*qe;function Hr(t,e){let n=Zn(e);return{fromMs:n,toMs:t.toMs!==null&&t.toMs>n?t.toMs:null}}function qr(t,e){let n=Xn(e);return{fromMs:t.fromMs!==null&&t.fromMs<n?t.fromMs:null,toMs:n}}function Kr(t,e,n,r){let s=(c,u,p)=>Math.min(Math.max(c,u),Math.max(u,p)),[a,l]=[Zn(r.fromMs),Xn(r.toMs)];return e==="in"?{...t,fromMs:s(Zn(n),a,(t.toMs??l)-qe)}:{...t,toMs:s(Xn(n),(t.fromMs??a)+qe,l)}}function Wr({fromMs:t,toMs:e}){return t===null||e===null?null:{fromMs:t,toMs:e}}var Gr=t=>t.toMs-t.fromMs>Vi;function Jr(t,e,n){return t.some(({source:s})=>s.track===e.source.track&&s.at_ms===e.source.at_ms)||t.length>=n?t:[...t,e].sort((s,a)=>s.source.at_ms-a.source.at_ms)}var Bi={marks:Gt,stills:[]},De=new Map,Oe=new Map,Qn=new Set,Jt=()=>{for(let t of[...Qn])t()};W.watch(()=>{if(!W.key){for(let[t,{marks:e}]of De)De.set(t,{marks:e,stills:[]});Jt()}});function Yr(t){ts();let e=()=>De.get(t)??Bi,n=r=>{De.set(t,{...e(),...r(e())}),Jt()};return[e(),n]}function Zr(t,e){Oe.set(e,[...Oe.get(e)??[],...De.get(t)?.stills??[]]),De.delete(t),Jt()}function Xr(t){return ts(),Oe.get(t)??[]}function Qr(t,e){let n=(Oe.get(t)??[]).filter(r=>r!==e);n.length>0?Oe.set(t,n):Oe.delete(t),Jt()}var es=()=>Oe.size>0||[...De.values()].some(({stills:t})=>t.length>0);function ts(){let[,t]=y(0);Be(()=>{let e=()=>t(n=>n+1);return Qn.add(e),()=>{Qn.delete(e)}},[])}var to=new Map,eo=new Set;function Yt(t,e){to.set(t,e);for(let n of[...eo])n()}var ns=t=>t.state==="pending"&&t.unsealed>t.growing;async function os(t,e){let n=W.key;if(!n||to.get(t.id)?.busy)return null;Yt(t.id,{progress:null,busy:!0,trouble:null});try{let r=await Lr(t,{me:e,review:n},{onProgress:s=>Yt(t.id,{progress:s,busy:!0,trouble:null})});return Yt(t.id,{progress:null,busy:!1,trouble:null}),r}catch(r){return Yt(t.id,{progress:null,busy:!1,trouble:se(r)}),null}}function se(t){return t instanceof Qe?F(`evidence-${t.fault}`,"error-failed",{message:t.message}):t instanceof D?ne(t)??ue(t):i("error-failed",{message:t instanceof Error?t.message:String(t)})}function rs(t){let[,e]=y(0);return E(()=>{let n=()=>e(r=>r+1);return eo.add(n),()=>{eo.delete(n)}},[]),to.get(t)??{progress:null,busy:!1,trouble:null}}var ss=["application/pdf","image/jpeg","image/png"],Ui=32*1024*1024;function Zt({act:t,me:e,onChanged:n}){let r=ee(),[s,a]=y(null),[l,c]=y(0),[u,p]=y(!1),d=H(null),h=t.summary.id,f=t.may.includes("attach"),m=async v=>{c(M=>M+1),a(null);try{await v(),await n()}catch(M){a(se(M))}finally{c(M=>M-1)}},g=v=>m(async()=>{let M=ss.find(U=>U===v.type);if(!M)return a(i("scan-wrong-kind"));if(v.size>Ui)return a(i("evidence-too-large"));let T=new Uint8Array(await v.arrayBuffer()),L=[...v.name].slice(0,120).join("");await A.attach(h,await pt(t,{kind:"scan",media:M,name:L,source:null,bytes:T},e))}),x=v=>{m(()=>A.detach(h,v.id))},b=t.attachments.filter(({kind:v})=>v==="still"),w=t.attachments.filter(({kind:v})=>v!=="still");return o("section",{class:"card fields","aria-labelledby":"attachments-title","data-test":"attachments",children:[o("h2",{id:"attachments-title",children:i("attachments-title")}),o(zi,{act:t,me:e,onChanged:n}),t.attachments.length===0&&o("p",{class:"hint",children:i("attachments-none")}),b.length>0&&o("ul",{class:"strip","aria-label":i("attachment-kind-still"),children:b.map(v=>o(ji,{act:t,still:v,me:e,onRemove:f?()=>x(v):null},v.id))}),w.length>0&&o("ul",{class:"papers",children:w.map(v=>o("li",{children:[o("span",{children:[o("strong",{children:i(`attachment-kind-${v.kind}`)}),": ",v.name," ",o("span",{class:"hint",children:["(",i("size-mb",{mb:Me(v.size_bytes)}),", ",P(v.created_ms,t.summary.exam.utc_offset_secs),")"]})]}),r&&o(Hi,{act:t,paper:v,me:e}),f&&o("button",{type:"button",class:"small",disabled:l>0,"aria-label":i("attachment-remove",{name:v.name}),onClick:()=>x(v),children:"×"})]},v.id))}),t.attachments.length>0&&!r&&o("p",{class:"controls",children:[o("span",{class:"hint",children:i("attachments-locked")}),e.role!=="invigilator"&&e.role!=="registrar"&&o("button",{type:"button",class:"small","data-test":"unlock",onClick:()=>p(!0),children:i("unlock-submit")})]}),u&&o(Wt,{me:e,onOpen:()=>p(!1),onClose:()=>p(!1)}),f&&o("div",{class:"controls",children:[o("label",{class:"stacked",children:[o("span",{children:i("scan-add")}),o("input",{ref:d,type:"file",name:"scan",accept:ss.join(","),disabled:l>0,"aria-describedby":"scan-hint",onChange:v=>{let M=v.currentTarget.files?.[0];M&&g(M).finally(()=>d.current&&(d.current.value=""))}})]}),o("small",{class:"hint",id:"scan-hint",children:i("scan-hint")})]}),o("p",{class:"live-region",role:"status",children:l>0&&i("progress-sealing")}),s&&o("p",{class:"message bad",role:"alert",children:s})]})}function zi({act:t,me:e,onChanged:n}){let r=Xr(t.summary.id),[s,a]=y(null),l=H(!1),[c,u]=y(0);return E(()=>{if(r.length===0||l.current||!t.may.includes("attach"))return;l.current=!0,a(null);let p=async h=>{let f=await pt(t,{kind:"still",media:"image/jpeg",name:h.name,source:h.source,bytes:h.jpeg},e);await A.attach(t.summary.id,f),Qr(t.summary.id,h)};(async()=>{for(let h of r)await p(h);await n()})().catch(h=>a(se(h))).finally(()=>{l.current=!1})},[r.length>0,c]),r.length===0?null:o("div",{class:s?"message bad":"message",role:"status","data-test":"arriving",children:[o("p",{children:s??i("stills-arriving",{count:r.length})}),s&&o("button",{type:"button",class:"small",onClick:()=>u(p=>p+1),children:i("retry")})]})}function ji({act:t,still:e,me:n,onRemove:r}){let{bytes:s,trouble:a}=qi(t,e,n),l=t.summary.exam.utc_offset_secs,c=P(e.source?.at_ms??e.created_ms,l,!0);return o("li",{children:[s?o(Kt,{bytes:s,media:e.media,alt:i("still-at",{time:c})}):o("span",{class:"blank",children:a??i("attachment-sealed")}),o("span",{class:"strip-line",children:[o("span",{children:c}),r&&o("button",{type:"button",class:"small","aria-label":i("still-remove",{time:c}),onClick:r,children:"×"})]})]})}function Hi({act:t,paper:e,me:n}){let r=ee(),[s,a]=y(null),l=async()=>{if(r){a(null);try{let c=await A.attachment(t.summary.id,e.id),u=await Jn(t.summary.id,e,c,{me:n,review:r});Xt(new Blob([u],{type:e.media}),e.name)}catch(c){a(se(c))}}};return o(C,{children:[o("button",{type:"button",class:"small","data-test":`open-${e.kind}`,onClick:()=>{l()},children:i("attachment-save")}),s&&o("span",{class:"field-error",role:"alert",children:s})]})}function qi(t,e,n){let r=ee(),[s,a]=y({bytes:null,trouble:null});return E(()=>{let l=!1;return a({bytes:null,trouble:null}),r?((async()=>Jn(t.summary.id,e,await A.attachment(t.summary.id,e.id),{me:n,review:r}))().then(u=>l||a({bytes:u,trouble:null})).catch(u=>l||a({bytes:null,trouble:se(u)})),()=>{l=!0}):void 0},[r,e.id]),s}function Xt(t,e){let n=document.createElement("a");n.href=URL.createObjectURL(t),n.download=e,n.click(),setTimeout(()=>URL.revokeObjectURL(n.href),6e4)}function Ke(t){return{language:t.language,fields:{...t.fields},points:[...t.points],evidence:t.evidence.map(e=>({...e})),capacity:t.capacity,to_sign:t.signatories.map(({login:e,post:n})=>({login:e,post:n}))}}var as=({recording:t,from_ms:e,to_ms:n})=>`${t} ${e} ${n}`;function is(t,e,n){let r=[],s=[],a=(w,v,M,T)=>M===T||T===v?M:M===v?(s.push(w),T):(r.push({key:w,mine:M,theirs:T}),M),l=(w,v,M,T,L)=>{let U=k=>new Set(k.map(L)),[Q,G,_]=[U(v),U(M),U(T)],S=M.filter(k=>_.has(L(k))||!Q.has(L(k))),O=T.filter(k=>!G.has(L(k))&&!Q.has(L(k)));return(S.length<M.length||O.length>0)&&s.push(w),[...S,...O]},c={};for(let w of new Set([...Object.keys(e.fields),...Object.keys(n.fields)]))c[w]=a(`field:${w}`,t.fields[w]??"",e.fields[w]??"",n.fields[w]??"");let u=w=>new Map(w.map(({login:v,post:M})=>[v,M])),[p,d,h]=[u(t.to_sign),u(n.to_sign),u(e.to_sign)],f=(w,v)=>w.has(v)&&p.has(v)&&w.get(v)!==p.get(v),m=t.to_sign.filter(({login:w})=>f(d,w)||f(h,w)),g=(w,v)=>[...w,...m.filter(({login:M})=>!v.has(M))],b=l("signatories",t.to_sign,g(e.to_sign,h),g(n.to_sign,d),({login:w})=>w).map(({login:w,post:v})=>{let M=p.get(w)??"",[T,L]=[h.get(w),d.get(w)];return T===void 0||L===void 0?{login:w,post:T??L??v}:{login:w,post:a(`post:${w}`,M,T,L)}});return{content:{language:a("language",t.language,e.language,n.language),fields:c,points:l("points",t.points,e.points,n.points,w=>w),evidence:l("evidence",t.evidence,e.evidence,n.evidence,as),capacity:a("capacity",t.capacity,e.capacity,n.capacity),to_sign:b},clashes:r,taken:s}}function ls(t,e,n){let[r,s]=[e.slice(0,e.indexOf(":")),e.slice(e.indexOf(":")+1)];return r==="field"?{...t,fields:{...t.fields,[s]:n}}:r==="post"?{...t,to_sign:t.to_sign.map(a=>a.login===s?{...a,post:n}:a)}:e==="language"?{...t,language:n}:e==="capacity"?{...t,capacity:n}:t}function ft(t,e){let n=e.slice(e.indexOf(":")+1);return e.startsWith("field:")?t.fields[n]??"":e.startsWith("post:")?t.to_sign.find(({login:r})=>r===n)?.post??"":e==="language"?t.language:e==="capacity"?t.capacity:""}var cs=(t,e)=>t.startsWith("post:")||t.startsWith("field:")&&(e==="line"||e==="text"||e==="persons");function ds(t,e,n){return[t,e].join(n==="text"||n==="persons"?`
`:" / ")}function us(t,e){let n=({fields:r,...s})=>JSON.stringify([Object.entries(r).filter(([,a])=>a!=="").sort(([a],[l])=>a<l?-1:1),s.language,s.points,s.evidence.map(as),s.capacity,s.to_sign.map(({login:a,post:l})=>[a,l])]);return n(t)===n(e)}var ms=(t,e)=>t.sections.flatMap(({fields:n})=>n).find(({name:n})=>e===`field:${n}`);function Qt(t,e){let n=ms(t,e);return n?I(n.label):e.startsWith("post:")?i("clash-post",{login:e.slice(5)}):F(`clash-${e}`,"clash-other")}function ps({draft:t,form:e}){return t.clashes.length===0?null:o("section",{class:"message bad clashes",role:"alert","aria-labelledby":"clash-title","data-test":"conflict",children:[o("h2",{id:"clash-title",children:i("clash-title")}),o("p",{children:i("clash-lead")}),t.clashes.map(({key:n,theirs:r})=>{let s=ms(e,n),a=ft(t.content,n),l=c=>c===""?i("clash-empty"):s?He(s,c):c;return o("div",{class:"clash","data-clash":n,children:[o("h3",{children:Qt(e,n)}),o("div",{class:"clash-sides",children:[o("div",{children:[o("h4",{children:i("clash-mine")}),o("p",{class:"quote",lang:t.content.language,children:l(a)}),o("button",{type:"button",class:"small","data-test":"keep-mine",onClick:()=>t.settle(n,a),children:i("clash-keep-mine")})]}),o("div",{children:[o("h4",{children:i("clash-theirs")}),o("p",{class:"quote",lang:t.content.language,children:l(r)}),o("button",{type:"button",class:"small","data-test":"take-theirs",onClick:()=>t.settle(n,r),children:i("clash-take-theirs")})]})]}),cs(n,s?.kind)&&o("button",{type:"button",class:"small","data-test":"keep-both",onClick:()=>t.settle(n,ds(a,r,s?.kind)),children:i("clash-keep-both")})]},n)})]})}function fs({draft:t,form:e}){if(t.taken.length===0)return null;let n=t.taken.map(s=>Qt(e,s)),r=new Intl.ListFormat(de(),{type:"unit"}).format(n);return o("p",{class:"message notice",role:"status","data-test":"taken",children:[i("draft-taken",{fields:r}),o("button",{type:"button",class:"small","aria-label":i("close"),onClick:()=>t.seen(),children:"×"})]})}var hs="room",no="";function en({exam:t,recording:e,range:n,stills:r,me:s,onClose:a}){let[l,c]=y(null),[u,p]=y([]),[d,h]=y([]),[f,m]=y(""),[g,x]=y(e?.kind==="candidate"?e.id:no),[b,w]=y(""),[v,M]=y(de()),[T,L]=y(null),{busy:U,trouble:Q,run:G}=Z(ne);E(()=>{(async()=>{let[B,vn,kn]=await Promise.all([A.forms(),A.recordings(t.id),e?A.acts("draft"):null]),Mt=B.filter(({access:ae})=>ae.draft.includes(s.role)||s.role==="admin"&&ae.draft.includes("reviewer"));c(Mt),m(Mt[0]?.kind??""),p(vn.filter(ae=>ae.kind==="candidate")),h(kn?.acts.filter(ae=>ae.exam.id===t.id)??[])})().catch(B=>L(zn(B)))},[]);let _=l?.find($=>$.kind===f),S=e&&n?[{recording:e.id,from_ms:n.fromMs,to_ms:n.toMs}]:[],O=()=>{G(async()=>{let $=_?.about==="student"&&g!==hs?g:null,B=b?await Wi(b,S):await A.draft({kind:f,exam:t.id,recording:$,language:v,evidence:S,fields:{},points:[],refers_to:null});e&&Zr(e.id,B.summary.id),location.hash=`#/act/${B.summary.id}`})},k=t.utc_offset_secs;return o(j,{title:i(e?"draw-up":"draw-up-on-the-spot"),busy:U,trouble:Q??T,action:i(b?"draw-up-add":"draw-up-open"),onSubmit:O,onClose:a,disabled:!b&&(!_||_.about==="student"&&g===no),children:[!l&&!T&&o("p",{class:"hint",role:"status",children:i("loading")}),e&&o("p",{class:"hint",children:[n?i("draw-up-cites",{who:e.who,from:P(n.fromMs,k,!0),to:R(n.toMs,k)}):i("draw-up-cites-nothing"),r>0&&` ${i("draw-up-stills",{count:r})}`]}),l?.length===0&&o("p",{class:"message warn",children:i("draw-up-no-form")}),d.length>0&&o("label",{class:"stacked",children:[o("span",{children:i("draw-up-into")}),o("select",{name:"into",value:b,onChange:$=>w($.currentTarget.value),children:[o("option",{value:"",children:i("draw-up-new")}),d.map($=>o("option",{value:$.id,children:Ki($,l)},$.id))]})]}),!b&&l&&l.length>0&&o(C,{children:[o("fieldset",{children:[o("legend",{children:i("draw-up-kind")}),l.map($=>o("label",{class:"choice",children:[o("input",{type:"radio",name:"kind",value:$.kind,checked:$.kind===f,onChange:()=>m($.kind)}),o("span",{children:[I($.title)," ",o("small",{class:"hint",children:$.source})]})]},$.kind))]}),_?.about==="student"&&o("label",{class:"stacked",children:[o("span",{children:i("draw-up-whom")}),o("select",{name:"whom",value:g,onChange:$=>x($.currentTarget.value),children:[o("option",{value:no,children:i("draw-up-choose")}),u.map(({id:$,who:B})=>o("option",{value:$,children:B},$)),o("option",{value:hs,children:i("draw-up-nobody")})]})]}),o(oo,{value:v,onChange:M})]}),o("p",{class:"hint",children:i(e&&n?"draw-up-hold-hint":"draw-up-later-hint")})]})}function oo({value:t,onChange:e}){return o("label",{class:"stacked",children:[o("span",{children:i("act-language")}),o("select",{name:"act-language",value:t,onChange:n=>e(n.currentTarget.value),children:Ce.map(({code:n,name:r})=>o("option",{value:n,lang:n,children:r},n))})]})}function Ki(t,e){let n=e?.find(({kind:r})=>r===t.kind);return`${t.subject??i("draw-up-nobody")}: ${n?I(n.title):t.kind}`}async function Wi(t,e){let n=await A.act(t);for(let r=0;e.length>0;r++){let s=Ke(n);try{return await A.saveDraft(t,{revision:n.revision,...s,evidence:[...s.evidence,...e]})}catch(a){if(!(a instanceof D&&a.status===409)||r>4)throw a;n=await A.act(t)}}return n}function We({hold:t,me:e,auto:n=!1,onSealed:r}){let s=ee(),{progress:a,busy:l,trouble:c}=rs(t.id),u=H(""),p=s!==null&&ns(t),d=()=>{os(t,e).then(f=>f&&r?.(f))},h=`${t.unsealed} ${t.growing}`;return E(()=>{!n||!p||l||u.current===h||(u.current=h,d())},[n,p,l,h]),o("span",{class:"hold-state","data-hold":t.state,children:[o(z,{tone:t.state==="effective"?"good":t.state==="pending"?"warn":"plain",children:i(`hold-state-${t.state}`)}),t.state==="pending"&&t.growing>0&&o("span",{class:"hint",children:i("hold-growing",{count:t.growing})}),t.over_retention&&o("span",{class:"hint bad-text",children:i("hold-over-retention")}),l?o(ht,{progress:a}):p&&o("button",{type:"button",class:"small","data-test":"seal",onClick:d,children:i("hold-seal")}),t.state==="pending"&&s===null&&o("span",{class:"hint",children:i("hold-needs-key")}),c&&o("span",{class:"field-error",role:"alert",children:c})]})}function ht({progress:t}){let e=i(t?`progress-${t.stage}`:"working"),n=t&&t.total>0?t.done/t.total:null;return o("span",{class:"progress-line",children:[o("span",{role:"status",children:e}),o("progress",{"aria-label":e,...n===null?{}:{max:1,value:n}})]})}function tn({act:t,evidence:e,me:n,onChange:r,onSealed:s}){let a=t.summary.exam.utc_offset_secs,l=`#/exam/${t.summary.exam.id}`,c=n.role!=="invigilator";return o("section",{class:"card fields",id:"field-evidence",tabIndex:-1,"aria-labelledby":"evidence-title",children:[o("h2",{id:"evidence-title",children:i("evidence-title")}),e.length===0&&o("p",{class:"hint",children:i("evidence-none")}),o("ul",{class:"evidence",children:e.map(u=>{let p=Gi(t,u),d=`${P(u.from_ms,a,!0)} – ${R(u.to_ms,a)}`;return o("li",{children:[o("span",{children:[o("strong",{children:p?.who??t.summary.subject??i("recording-kind-room")}),", ",d," ",o("span",{class:"hint",children:["(",te(u.to_ms-u.from_ms),")"]})]}),p&&o(We,{hold:p,me:n,auto:!0,onSealed:s}),o("span",{class:"group",children:[c&&o("a",{href:`#/recording/${u.recording}?t=${Ji(t,u)}`,children:i("evidence-watch")}),r&&o("button",{type:"button",class:"small","aria-label":i("evidence-remove",{range:d}),onClick:()=>r(e.filter(h=>h!==u)),children:"×"})]})]},`${u.recording} ${u.from_ms} ${u.to_ms}`)})}),r&&c&&o("p",{class:"hint",children:[o("a",{href:t.recording?`#/recording/${t.recording}`:l,children:i("evidence-add")})," ",i("evidence-add-hint")]})]})}function Gi(t,{recording:e,from_ms:n,to_ms:r}){return t.holds.find(s=>s.recording===e&&s.from_ms===n&&s.to_ms===r&&s.state!=="released")}var Ji=(t,{from_ms:e})=>Math.floor((e-t.summary.exam.starts_ms)/1e3);var bs=t=>[...t].length;function ys(t){let{field:e,problem:n}=t,r=mt(e.name),s=o(C,{children:[I(e.label),e.required&&o("abbr",{class:"required",title:i("field-required"),children:"*"})]}),a=o(C,{children:[gs(e)&&e.hint&&o("small",{class:"hint",id:`${r}-hint`,children:I(e.hint)}),n&&n!=="missing"&&o("small",{class:"field-error",id:`${r}-problem`,children:i(`problem-${n}`)})]}),l=[gs(e)&&e.hint&&`${r}-hint`,n&&n!=="missing"&&`${r}-problem`,ws(t)&&`${r}-count`].filter(Boolean).join(" ")||void 0;if(e.kind==="choice"||e.kind==="yes-no")return o("fieldset",{id:r,class:"field wide",tabIndex:-1,"aria-describedby":l,children:[o("legend",{children:s}),Yi(e).map(({value:u,text:p})=>o("label",{class:"choice",children:[o("input",{type:"radio",name:e.name,value:u,checked:t.value===u,onChange:()=>t.onInput(u)})," ",p]},u)),a]});if(e.kind==="persons")return o("fieldset",{id:r,class:"field wide",tabIndex:-1,"aria-describedby":l,children:[o("legend",{children:s}),o(Xi,{...t}),a]});let c={id:r,name:e.name,value:t.value,"aria-describedby":l,"aria-invalid":n!==null&&n!=="missing","aria-required":e.required};return o("div",{class:e.kind==="text"||e.max_chars>400?"field wide":"field",children:[o("label",{for:r,children:s}),e.kind==="text"?o("textarea",{...c,lang:t.language,rows:e.max_chars>3e3?7:4,onInput:u=>t.onInput(u.currentTarget.value)}):e.kind==="date"?o("input",{...c,type:"date",onInput:u=>t.onInput(u.currentTarget.value)}):o("input",{...c,lang:t.language,autocomplete:"off",onInput:u=>t.onInput(u.currentTarget.value)}),o(Zi,{...t}),a]})}var gs=({kind:t})=>t!=="persons",Yi=t=>t.kind==="yes-no"?["yes","no"].map(e=>({value:e,text:i(`answer-${e}`)})):t.choices.map(({id:e,label:n})=>({value:e,text:I(n)})),ws=({field:t,value:e})=>t.kind==="text"||t.kind==="line"&&bs(e)>t.max_chars*.8;function Zi(t){let{field:e,value:n}=t;if(!ws(t))return null;let r=bs(n);return o("small",{class:r>e.max_chars?"counter field-error":"counter hint",id:`${mt(e.name)}-count`,children:i("field-chars",{used:r,most:e.max_chars})})}function Xi({field:t,value:e,language:n,onInput:r}){let s=jt(e),a=(c,u)=>r(qn(s.map((p,d)=>d===c?{...p,...u}:p))),l=c=>r(qn(s.filter((u,p)=>p!==c)));return o("div",{class:"persons",children:[s.map((c,u)=>o("div",{class:"person",children:[o("input",{"aria-label":i("person-name",{number:u+1}),placeholder:i("person-name-short"),lang:n,autocomplete:"off",value:c.name,onInput:p=>a(u,{name:p.currentTarget.value})}),o("input",{"aria-label":i("person-post",{number:u+1}),placeholder:i("person-post-short"),lang:n,autocomplete:"off",value:c.post,onInput:p=>a(u,{post:p.currentTarget.value})}),o("button",{type:"button",class:"small",disabled:s.length===1&&e==="","aria-label":i("person-remove",{number:u+1}),onClick:()=>l(u),children:"×"})]},u)),o("button",{type:"button",class:"small","data-test":`add-${t.name}`,onClick:()=>r(`${e}
`),children:i("person-add")})]})}var Qi=500;function vs({recording:t,range:e,me:n,onClose:r}){let[s,a]=y("appeal"),[l,c]=y(""),[u,p]=y(null),{busy:d,trouble:h,run:f}=Z(b=>b.status===410?i("hold-nothing-left"):null),m=t.exam.utc_offset_secs,g=()=>{f(async()=>p(await A.hold({recording:t.id,from_ms:e.fromMs,to_ms:e.toMs,tracks:null,reason:s,note:l.trim()})))},x=`${P(e.fromMs,m,!0)} – ${R(e.toMs,m)}`;return u?o(j,{title:i("hold-put-done"),onClose:r,children:[o("p",{children:[t.who,", ",x]}),o(We,{hold:u,me:n,auto:!0,onSealed:p}),o("p",{class:"hint",children:i("hold-state-hint")})]}):o(j,{title:i("hold-put"),busy:d,trouble:h,action:i("hold-put"),onSubmit:g,onClose:r,disabled:l.trim()==="",children:[o("p",{children:[t.who,", ",x]}),o("p",{class:"hint",children:i("hold-covers")}),o("fieldset",{children:[o("legend",{children:i("hold-reason")}),["appeal","other"].map(b=>o("label",{class:"choice",children:[o("input",{type:"radio",name:"reason",value:b,checked:s===b,onChange:()=>a(b)})," ",i(`hold-reason-${b}`)]},b))]}),o(Ie,{label:i("hold-note"),value:l,onInput:c})]})}function Ie({label:t,value:e,onInput:n}){return o("label",{class:"stacked",children:[o("span",{children:t}),o("textarea",{name:"note",rows:3,required:!0,maxLength:Qi,value:e,onInput:r=>n(r.currentTarget.value)})]})}var ks=900,el=4e3,nn=class{constructor(e,n){this.act=e;this.server=n;this.base=Ke(e),this.content=Ke(e)}act;server;content;state="saved";clashes=[];taken=[];error=null;base;timer=null;running=null;listeners=new Set;get id(){return this.act.summary.id}get unsaved(){return!us(this.base,this.content)}get changedFields(){return[...new Set([...Object.keys(this.base.fields),...Object.keys(this.content.fields)])].filter(n=>(this.base.fields[n]??"")!==(this.content.fields[n]??""))}watch(e){return this.listeners.add(e),()=>this.listeners.delete(e)}edit(e){this.content={...this.content,...e},this.state!=="conflict"&&this.state!=="closed"&&(this.unsaved&&(this.state="waiting"),this.plan(ks)),this.changed()}setField(e,n){this.edit({fields:{...this.content.fields,[e]:n}})}settle(e,n){this.content=ls(this.content,e,n),this.clashes=this.clashes.filter(r=>r.key!==e),this.clashes.length===0&&this.state==="conflict"&&(this.state="waiting",this.plan(0)),this.changed()}seen(){this.taken=[],this.changed()}async flush(){for(this.stopTimer();this.running;)await this.running;return this.clashes.length>0||this.state==="closed"?!1:this.unsaved?(this.running=this.saveOnce().finally(()=>{this.running=null}),await this.running,this.state==="saved"):(this.state="saved",this.changed(),!0)}meet(e){this.running||e.revision<this.act.revision||(this.take(e),this.changed())}async saveOnce(){this.state="saving",this.error=null,this.changed();let e=this.content;try{let n=await this.server.save(this.id,{revision:this.act.revision,...e});this.act=n,this.base=e,this.state=this.unsaved?"waiting":"saved",this.unsaved&&this.plan(ks)}catch(n){this.failed(n instanceof D?n:new D(0,this.id))}this.changed()}failed(e){this.error=e;let n=e.body.current;if(e.status===409&&n){this.take(n);return}this.state=e.status===401?"signed-out":e.status===0||e.status>=500||e.status===429?"offline":"refused",this.state==="offline"&&this.plan(el)}take(e){let n=Ke(e),r=e.revision>this.act.revision;if(this.act=e,r){let{content:s,clashes:a,taken:l}=is(this.base,this.content,n),c=this.clashes.filter(({key:u})=>!a.some(p=>p.key===u)&&ft(n,u)!==ft(s,u));this.clashes=[...c,...a],this.taken=[...new Set([...this.taken,...l])],this.base=n,this.content=s}e.may.includes("edit")?this.clashes.length>0?this.state="conflict":r&&(this.state=this.unsaved?"waiting":"saved",this.unsaved&&this.plan(0)):(this.state=this.unsaved?"closed":"saved",this.stopTimer())}plan(e){this.stopTimer(),this.timer=setTimeout(()=>{this.flush()},e)}stopTimer(){this.timer!==null&&clearTimeout(this.timer),this.timer=null}changed(){for(let e of[...this.listeners])e()}};var $e=new Map,on=new Set;function _s(t,e){let n=$e.get(e.summary.id);if(n?.login===t)return n.draft.meet(e),n.draft;let r=new nn(e,{save:A.saveDraft});return $e.set(e.summary.id,{login:t,draft:r}),r.watch(()=>{for(let s of[...on])s()}),r}var rn=t=>[...$e.values()].filter(e=>e.login===t&&e.draft.unsaved).map(({draft:e})=>e);function sn(t){return on.add(t),()=>on.delete(t)}function xs(t){t.flush().then(e=>{e&&$e.get(t.id)?.draft===t&&$e.delete(t.id)})}function an(t){$e.delete(t);for(let e of[...on])e()}async function Ms(){return(await Promise.all([...$e.values()].filter(({draft:e})=>e.unsaved).map(({draft:e})=>e.flush()))).every(Boolean)}function Ss(){addEventListener("beforeunload",t=>{([...$e.values()].some(({draft:e})=>e.unsaved)||es())&&t.preventDefault()})}function $s({act:t,form:e,me:n,onAct:r,again:s,draft:a}){let[l,c]=y(null),[u,p]=y(null),[d,h]=y(null),f=t.summary.id,m=async()=>{h(null),p("working");try{if(!await a.flush())return h(i("draft-not-saved"));let g=await s();if(g.attachments.some(({kind:x})=>x==="still")){if(!W.key)return c("unlock");await tl(g,e,n,x=>p(x)),g=await s()}r(await A.forSignature(f,g.revision)),document.getElementById("main")?.focus()}catch(g){h(g instanceof D?ne(g)??se(g):se(g)),g instanceof D&&await s().catch(()=>{})}finally{p(null)}};return o("section",{class:"card finish","aria-labelledby":"finish-title",children:[o("h2",{id:"finish-title",children:i("finish-title")}),o("p",{class:"controls",children:[o("span",{children:i("act-preview")}),o(ro,{id:f})]}),t.attachments.some(({kind:g})=>g==="still")&&o("p",{class:"hint",children:i("finish-annex")}),o("div",{class:"controls",children:[t.may.includes("for-signature")&&o("button",{type:"button",class:"primary","data-test":"for-signature",disabled:u!==null,onClick:()=>{m()},children:i("finish-send")}),t.may.includes("discard")&&o("button",{type:"button",class:"danger","data-test":"discard",disabled:u!==null,onClick:()=>c("discard"),children:i("discard")}),u!==null&&o(ht,{progress:u==="working"?null:u})]}),d&&o("p",{class:"message bad",role:"alert","data-test":"finish-trouble",children:d}),l==="discard"&&o(so,{act:t,onAct:r,onClose:()=>c(null)}),l==="unlock"&&o(Wt,{me:n,onOpen:()=>(c(null),void m()),onClose:()=>c(null)})]})}async function tl(t,e,n,r){let s=W.key;if(!s)return;let{summary:a,language:l}=t,c=await Br(t,{me:n,review:s},{onProgress:r}),u=await Ur({language:l,organisation:n.organisation,title:e.title[l],act:a.id,number:a.number_text,exam:a.exam.title,subject:a.subject,utcOffsetSecs:a.exam.utc_offset_secs,madeMs:t.now_ms,stills:c}),p=await pt(t,{kind:"annex",media:"application/pdf",name:`annex-${l}.pdf`,source:null,bytes:u},n);for(let{id:d}of t.attachments.filter(({kind:h})=>h==="annex"))await A.detach(a.id,d);await A.attach(a.id,p)}function ro({id:t}){return o("span",{class:"group",children:Ce.map(({code:e,name:n})=>o("a",{class:"button small",lang:e,hreflang:e,target:"_blank",rel:"noopener","data-test":`pdf-${e}`,href:Mo(t,e),children:["PDF · ",n]},e))})}function so({act:t,onAct:e,onClose:n}){let[r,s]=y(""),{busy:a,trouble:l,run:c}=Z(ne),u=()=>{c(async()=>{let p=await A.discard(t.summary.id,r.trim());an(t.summary.id),e(p),n()})};return o(j,{title:i("discard-title"),busy:a,trouble:l,danger:!0,action:i("discard-do"),onSubmit:u,onClose:n,disabled:r.trim()==="",children:[o("p",{children:i("discard-what")}),o(Ie,{label:i("discard-note"),value:r,onInput:s})]})}function Es({form:t,people:e,value:n,onChange:r}){let[s,a]=y(""),l=new Set(n.map(({login:d})=>d)),c=e.filter(({login:d,role:h})=>t.access.sign.includes(h)&&!l.has(d)),u=d=>e.find(h=>h.login===d)?.name??d,p=()=>{let d=c.find(({login:h})=>h===s);d&&(r([...n,{login:d.login,post:d.post}]),a(""))};return o("section",{class:"card fields",id:"field-signatories",tabIndex:-1,"aria-labelledby":"signers-title",children:[o("h2",{id:"signers-title",children:i("signers-title")}),o("p",{class:"hint",children:i("signers-hint",{least:t.signatures.min,most:t.signatures.at_most})}),n.length>0&&o("ol",{class:"signers",children:n.map(({login:d,post:h})=>o("li",{"data-signer":d,children:[o("span",{class:"signer-name",children:u(d)}),o("label",{class:"stacked",children:[o("span",{children:i("signer-post")}),o("input",{value:h,maxLength:200,autocomplete:"off",onInput:f=>r(n.map(m=>m.login===d?{login:d,post:f.currentTarget.value}:m))})]}),o("button",{type:"button",class:"small","aria-label":i("signer-remove",{name:u(d)}),onClick:()=>r(n.filter(f=>f.login!==d)),children:"×"})]},d))}),n.length<t.signatures.at_most&&o("div",{class:"controls",children:[o("label",{class:"inline",children:[i("signer-who"),o("select",{name:"signer",value:s,onChange:d=>a(d.currentTarget.value),children:[o("option",{value:"",children:c.length===0?i("signer-nobody"):i("signer-choose")}),c.map(d=>o("option",{value:d.login,children:d.post?`${d.name} (${d.post})`:d.name},d.login))]})]}),o("button",{type:"button","data-test":"add-signer",disabled:s==="",onClick:p,children:i("signer-add")})]})]})}function Ts(t){let{act:e,form:n,people:r,me:s,again:a}=t,l=nl(t),{content:c}=l,u=new Map(e.problems.map(({field:p,problem:d})=>[p,d]));return o("div",{class:"editor",children:[o(ol,{draft:l}),e.returned&&o("p",{class:"message warn","data-test":"returned",children:i("act-returned",{who:e.returned.by,when:P(e.returned.at_ms,e.summary.exam.utc_offset_secs),note:e.returned.note})}),o(ps,{draft:l,form:n}),o(fs,{draft:l,form:n}),o("p",{class:"preamble",children:I(n.preamble)}),o("section",{class:"card fields","aria-labelledby":"drawn-title",children:[o("h2",{id:"drawn-title",children:i("drawn-up-title")}),o("fieldset",{id:"field-capacity",class:"field",tabIndex:-1,children:[o("legend",{children:[i("drawn-up-capacity",{name:e.drawn_up_by}),o("abbr",{class:"required",title:i("field-required"),children:"*"})]}),n.drawn_up_by.map(({id:p,label:d})=>o("label",{class:"choice",children:[o("input",{type:"radio",name:"capacity",value:p,checked:c.capacity===p,onChange:()=>l.edit({capacity:p})})," ",I(d)]},p))]}),o(oo,{value:c.language,onChange:p=>l.edit({language:p})})]}),n.sections.map((p,d)=>o("section",{class:"card fields sections","aria-labelledby":`section-${d}`,children:[o("h2",{id:`section-${d}`,children:I(p.title)}),p.fields.map(h=>o(ys,{field:h,value:c.fields[h.name]??"",language:c.language,problem:u.get(h.name)??null,onInput:f=>l.setField(h.name,f)},h.name))]},d)),n.points.length>0&&o(rl,{form:n,chosen:c.points,onChange:p=>l.edit({points:p})}),o(tn,{act:e,evidence:c.evidence,me:s,onChange:p=>l.edit({evidence:p}),onSealed:()=>{a()}}),o(Zt,{act:e,me:s,onChanged:async()=>{await a()}}),o(Es,{form:n,people:r,value:c.to_sign,onChange:p=>l.edit({to_sign:p})}),o(sl,{form:n,problems:e.problems}),o($s,{...t,draft:l})]})}function nl({act:t,me:e}){let[n]=y(()=>_s(e.login,t)),[,r]=y(0);return E(()=>{let s=n.watch(()=>r(a=>a+1));return n.unsaved&&n.flush(),()=>{s(),xs(n)}},[n]),E(()=>n.meet(t),[t]),n}function ol({draft:t}){let e={saved:"good",waiting:"plain",saving:"plain",offline:"warn","signed-out":"warn",conflict:"bad",refused:"bad",closed:"bad"}[t.state],n=t.state==="refused"?t.error?.body.message??"":"";return o("div",{class:"save-line",children:[o("span",{class:`chip ${e}`,role:"status","data-test":"save-state","data-state":t.state,children:i(`save-${t.state}`)}),n&&o("span",{class:"field-error",children:n}),(t.state==="offline"||t.state==="refused"||t.state==="signed-out")&&o("button",{type:"button",class:"small",onClick:()=>{t.flush()},children:i("save-now")})]})}function rl({form:t,chosen:e,onChange:n}){let r=(s,a)=>n(a?[...e,s]:e.filter(l=>l!==s));return o("section",{class:"card points","aria-labelledby":"points-title",children:[o("fieldset",{id:"field-points",class:"field",tabIndex:-1,children:[o("legend",{children:o("h2",{id:"points-title",children:i("points-title")})}),t.points.map(({id:s,source:a,text:l})=>o("label",{class:"choice",children:[o("input",{type:"checkbox",name:"point",value:s,checked:e.includes(s),onChange:c=>r(s,c.currentTarget.checked)}),o("span",{children:[o("span",{class:"source",children:a})," ",I(l)]})]},s))]}),t.aids.length>0&&o("aside",{"aria-labelledby":"aids-title",children:[o("h3",{id:"aids-title",children:i("aids-title")}),o("ul",{children:t.aids.map(({source:s,text:a},l)=>o("li",{children:[o("span",{class:"source",children:s})," ",I(a)]},l))})]})]})}function sl({form:t,problems:e}){if(e.length===0)return null;let n=s=>{let a=t.sections.flatMap(({fields:l})=>l).find(l=>l.name===s);return a?I(a.label):F(`place-${s}`,"clash-other")},r=s=>{let a=document.getElementById(mt(s));a?.scrollIntoView({block:"center"}),a?.focus({preventScroll:!0})};return o("section",{class:"message warn problems","aria-labelledby":"problems-title","data-test":"problems",children:[o("h2",{id:"problems-title",children:i("problems-title",{count:e.length})}),o("ul",{children:e.map(({field:s,problem:a})=>o("li",{children:[o("button",{type:"button",class:"link",onClick:()=>r(s),children:n(s)}),": ",F(`problem-${a}`,"problem-other")]},`${s} ${a}`))})]})}function As({act:t}){let{summary:e}=t,n=e.exam.utc_offset_secs,r=[{at:e.created_ms,what:i("event-drafted"),who:t.drawn_up_by,more:""},...t.signatories.flatMap(({name:s,post:a,signed_ms:l})=>l===null?[]:[{at:l,what:i("event-signature"),who:s,more:a}]),...e.signed_ms===null?[]:[{at:e.signed_ms,what:i("event-signed",{number:e.number_text??""}),who:"",more:""}],...t.events.map(({event:s,at_ms:a,by:l,detail:c})=>({at:a,what:F(`event-${s}`,"event-other"),who:l??"",more:al(c,n)}))].sort((s,a)=>s.at-a.at);return o("section",{class:"card fields","aria-labelledby":"history-title",children:[o("h2",{id:"history-title",children:i("history-title")}),o("ol",{class:"history",children:r.map(({at:s,what:a,who:l,more:c},u)=>o("li",{children:[o("time",{children:P(s,n,!0)})," ",o("span",{children:[o("strong",{children:a}),l&&`: ${l}`,c&&o("span",{class:"hint",children:[" (",c,")"]})]})]},u))})]})}function al(t,e){let n=Number(t.cancelled_ms),r=["receiver","to_name","to_post","routing","note","language"].map(s=>t[s]??"");return[...n>0?[P(n,e)]:[],...r].filter(s=>s!=="").join(", ")}function Cs({act:t,form:e,me:n}){let[,r]=y(0);E(()=>sn(()=>r(u=>u+1)),[]);let s=rn(n.login).find(({id:u})=>u===t.summary.id);if(E(()=>s?.meet(t),[t,s]),!s)return null;let a=s.changedFields,c=e.sections.flatMap(u=>u.fields).filter(({name:u})=>a.includes(u)).map(u=>`${Qt(e,`field:${u.name}`)}:
${He(u,s.content.fields[u.name]??"")}`).join(`

`);return o("section",{class:"message bad stranded",role:"alert","data-test":"stranded",children:[o("h2",{children:i("save-closed")}),o("p",{children:i("draft-stranded")}),c!==""&&o("textarea",{rows:8,readOnly:!0,"aria-label":i("draft-stranded-text"),value:c}),o("button",{type:"button",class:"small",onClick:()=>an(s.id),children:i("draft-stranded-done")})]})}function Rs({act:t,form:e,me:n}){let{summary:r,language:s}=t,a=e.points.filter(({id:u})=>t.points.includes(u)),l=e.drawn_up_by.find(({id:u})=>u===t.capacity),c=r.cancel_until_ms===null?null:e.limit;return o("article",{class:"card sheet","aria-labelledby":"sheet-title","data-test":"sheet",children:[o("p",{class:"sheet-organisation",children:n.organisation}),o("h2",{id:"sheet-title",children:[I(e.title)," ",r.number_text&&`№ ${r.number_text}`]}),e.subtitle&&o("p",{class:"sheet-subtitle",children:I(e.subtitle)}),o("p",{children:I(e.preamble)}),e.sections.map((u,p)=>{let d=u.fields.filter(({name:h})=>(t.fields[h]??"").trim()!=="");return d.length===0?null:o("section",{children:[o("h3",{children:I(u.title)}),o("dl",{class:"sheet-fields",children:d.map(h=>o("div",{children:[o("dt",{children:I(h.label)}),o("dd",{lang:["line","text","persons"].includes(h.kind)?s:void 0,children:He(h,t.fields[h.name]??"")})]},h.name))})]},p)}),a.length>0&&o("section",{children:[o("h3",{children:i("points-title")}),o("ul",{class:"dots",children:a.map(({id:u,source:p,text:d})=>o("li",{children:[o("span",{class:"source",children:p})," ",I(d)]},u))})]}),o("section",{children:[o("h3",{children:i("sheet-decision")}),o("p",{children:I(e.decision)}),c&&o("p",{children:I(c).replace("{date}",P(r.cancel_until_ms??0,qt(r)))}),e.appeal&&o("p",{children:I(e.appeal)})]}),o("section",{children:[o("h3",{children:i("sheet-signatures")}),o("p",{class:"hint",children:i("act-drawn-up-by",{who:t.drawn_up_by,capacity:l?I(l.label):""})}),o("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("sheet-signatures"),children:o("table",{children:[o("thead",{children:o("tr",{children:[o("th",{scope:"col",children:i("person-name-short")}),o("th",{scope:"col",children:i("person-post-short")}),o("th",{scope:"col",children:i("sheet-signed")})]})}),o("tbody",{children:t.signatories.map(({login:u,name:p,post:d,signed_ms:h})=>o("tr",{"data-signatory":u,children:[o("th",{scope:"row",children:p}),o("td",{lang:s,children:d}),o("td",{children:h===null?i("sheet-not-signed"):P(h,r.exam.utc_offset_secs,!0)})]},u))})]})})]})]})}var il="abcdefghijkmnpqrstuvwxyz23456789";function ao(){let t=[...crypto.getRandomValues(new Uint8Array(20))].map(e=>il[e&31]);return[0,4,8,12,16].map(e=>t.slice(e,e+4).join("")).join("-")}var ll=["none","keys","passphrase"],Ps={kind:"none",keys:"",passphrase:""};function Os({kind:t,keys:e,passphrase:n}){return t==="keys"?{kind:t,keys:e.split(`
`)}:t==="passphrase"?{kind:t,passphrase:n}:null}var cl=["recipient","no-recipient","secret-key","short-passphrase"],Ds=t=>t instanceof Qe&&cl.includes(t.fault);function Is({choice:t,onChange:e,disabled:n,invalid:r}){let s=Ue(),a=l=>e({...t,kind:l,passphrase:t.passphrase||(l==="passphrase"?ao():"")});return o(C,{children:[o("fieldset",{disabled:n,children:[o("legend",{children:i("seal-for")}),ll.map(l=>o("label",{class:"choice",children:[o("input",{type:"radio",name:"seal-for",value:l,checked:t.kind===l,onChange:()=>a(l)})," ",i(`seal-${l}`)]},l))]}),t.kind==="keys"&&o("label",{class:"stacked",children:[o("span",{children:i("seal-keys-label")}),o("textarea",{name:"recipients",class:"code",rows:3,required:!0,disabled:n,spellcheck:!1,autocapitalize:"off",autocomplete:"off",placeholder:"age1…","aria-invalid":r,"aria-describedby":s,value:t.keys,onInput:l=>e({...t,keys:l.currentTarget.value})})]}),t.kind==="passphrase"&&o("div",{class:"stacked",children:[o("label",{class:"stacked",children:[o("span",{children:i("seal-passphrase-label")}),o("input",{name:"bundle-passphrase",class:"code",required:!0,disabled:n,spellcheck:!1,autocapitalize:"off",autocomplete:"off","aria-invalid":r,"aria-describedby":s,value:t.passphrase,onInput:l=>e({...t,passphrase:l.currentTarget.value})})]}),o("p",{class:"copy-line",children:[o(io,{text:t.passphrase},t.passphrase),o("button",{type:"button",class:"small",disabled:n,onClick:()=>e({...t,passphrase:ao()}),children:i("seal-passphrase-new")})]})]}),o("p",{class:"hint",id:s,children:i(`seal-${t.kind}-hint`)})]})}function io({text:t}){let[e,n]=y(null),r=async()=>{n(await navigator.clipboard.writeText(t).then(()=>"copied",()=>"copy-failed"))};return o(C,{children:[o("button",{type:"button",class:"small","data-test":"copy",onClick:()=>{r()},children:i("copy")}),o("span",{role:"status",class:"hint",children:e&&i(e)})]})}function Fs({act:t,me:e,onClose:n}){let r=ee(),[s,a]=y(""),[l,c]=y(Ps),[u,p]=y(null),[d,h]=y(null),[f,m]=y(null),g=H(new AbortController);E(()=>()=>g.current.abort(),[]);let x=async()=>{let b=W.key;if(b){m(null),p("working");try{let w=await zr(t.summary.id,s.trim(),{me:e,review:b},{onProgress:p,signal:g.current.signal},Os(l));h(w),Xt(w.blob,w.name)}catch(w){g.current.signal.aborted||m(w)}finally{p(null)}}};return r?d?o(j,{title:i("bundle-done"),onClose:n,children:[o("p",{role:"status",children:i("bundle-ready",{files:d.files,mb:Me(d.blob.size)})}),o("p",{children:o("button",{type:"button","data-test":"save-bundle",onClick:()=>Xt(d.blob,d.name),children:i("bundle-save-again")})}),l.kind==="passphrase"&&o(C,{children:[o("label",{class:"stacked",children:[o("span",{children:i("seal-passphrase-label")}),o("input",{name:"passphrase-made",class:"code",readOnly:!0,"aria-describedby":"passphrase-once",value:l.passphrase,onFocus:b=>b.currentTarget.select()})]}),o("p",{class:"hint",id:"passphrase-once",children:i("seal-passphrase-once")}),o("p",{class:"copy-line",children:o(io,{text:l.passphrase})})]}),o("p",{class:"hint",children:[i("bundle-check")," ",o("code",{children:["invigil-server verify --institution ",e.institution," ",d.name,l.kind==="keys"&&" --identity key.txt"]})]}),l.kind!=="none"&&o("p",{class:"hint",children:[i("bundle-open")," ",o("code",{children:["age --decrypt ",l.kind==="keys"&&"--identity key.txt ","--output ",d.name.replace(/\.age$/,"")," ",d.name]})]})]}):o(j,{title:i("step-bundle"),busy:u!==null,trouble:f===null?null:se(f),action:i("bundle-make"),onSubmit:()=>{x()},onClose:n,disabled:s.trim()==="",children:[o("p",{children:i("bundle-lead")}),o("label",{class:"stacked",children:[o("span",{children:i("bundle-receiver")}),o("input",{name:"receiver",required:!0,maxLength:200,autocomplete:"off",value:s,onInput:b=>a(b.currentTarget.value)})]}),o("p",{class:"hint",children:i("bundle-receiver-hint")}),o(Is,{choice:l,onChange:b=>(c(b),m(null)),disabled:u!==null,invalid:Ds(f)}),u!==null&&o(ht,{progress:u==="working"?null:u})]}):o(j,{title:i("step-bundle"),onClose:n,children:[o("p",{children:i("unlock-first-why")}),o(Se,{me:e})]})}var dl=["reviewer","board","admin"];function lo(t,e,n,r){if(e==="revokes"||t.evidence.length===0)return null;if(!dl.includes(n))return"role";let{cancel_until_ms:s}=t.summary;return r??(s!==null&&s<=t.now_ms?"late":null)}function Ns(t){return t.body.error==="too-late"?"late":t.status===410?"gone":null}function Ls(t,e,n){let{summary:r}=t;return{kind:r.kind,exam:r.exam.id,recording:t.recording,language:t.language,evidence:e==="revokes"||n!==null?[]:t.evidence,fields:{},points:[],refers_to:{act:r.id,relation:e}}}var Vs=t=>["corrects","supplements","revokes"].filter(e=>!(e==="revokes"&&t.refers_to?.relation==="revokes")&&!(e==="corrects"&&t.summary.corrected_by!==null));var ul=["sign","pass-on","cancel-grade","bundle","correct","back-to-draft","discard"],ml=64,pl=["sign","pass-on","cancel-grade"];function Us({act:t,form:e,me:n,onAct:r}){let[s,a]=y(null),{summary:l}=t,c=d=>{r(d),a(null)},u=()=>a(null),p=ul.filter(d=>t.may.includes(d));return o("section",{class:"card finish","aria-labelledby":"steps-title",children:[o("h2",{id:"steps-title",children:i(`act-state-long-${l.state}`)}),t.content!==null&&l.state==="for-signature"&&o("p",{class:"hint",children:[i("sign-content")," ",o("code",{"data-test":"content",children:Kn(t.content)})]}),l.state!=="discarded"&&o("p",{class:"controls",children:[o("span",{children:i("act-document")}),o(ro,{id:l.id}),l.number_text!==null&&o("a",{class:"button small",target:"_blank",rel:"noopener","data-test":"check-page",href:`/check/${l.id}`,children:i("act-check-page")})]}),p.length>0&&o("div",{class:"controls",children:p.map(d=>o("button",{type:"button",class:d==="discard"?"danger":pl.includes(d)&&d===p[0]?"primary":"","data-test":`step-${d}`,onClick:()=>a(d),children:i(`step-${d}`)},d))}),s==="sign"&&o(fl,{act:t,onDone:c,onClose:u}),s==="back-to-draft"&&o(hl,{act:t,onDone:c,onClose:u}),s==="pass-on"&&o(gl,{act:t,onDone:c,onClose:u}),s==="cancel-grade"&&o(bl,{act:t,onDone:c,onClose:u}),s==="correct"&&o(yl,{act:t,me:n,onClose:u}),s==="bundle"&&o(Fs,{act:t,me:n,onClose:u}),s==="discard"&&o(so,{act:t,onAct:r,onClose:u}),e.about==="staff"&&o("p",{class:"hint",children:i("act-staff-access")})]})}function fl({act:t,onDone:e,onClose:n}){let[r,s]=y(""),{busy:a,trouble:l,run:c}=Z(ne),u=()=>{c(async()=>{let d=r;s(""),e(await A.sign(t.summary.id,d,t.content??""))})},p=t.summary.signatures[0]+1>=t.summary.signatures[1];return o(j,{title:i("step-sign"),busy:a,trouble:l,action:i("step-sign"),onSubmit:u,onClose:n,disabled:r==="",children:[o("p",{children:i("sign-lead")}),o("p",{children:[i("sign-content")," ",o("code",{children:Kn(t.content??"")})]}),p&&o("p",{class:"message warn",children:i("sign-last")}),o("label",{class:"stacked",children:[o("span",{children:i("sign-password")}),o("input",{name:"sign-password",type:"password",autocomplete:"current-password",required:!0,value:r,onInput:d=>s(d.currentTarget.value)})]})]})}function hl({act:t,onDone:e,onClose:n}){let[r,s]=y(""),{busy:a,trouble:l,run:c}=Z(ne);return o(j,{title:i("step-back-to-draft"),busy:a,trouble:l,action:i("step-back-to-draft"),onSubmit:()=>{c(async()=>e(await A.backToDraft(t.summary.id,r.trim())))},onClose:n,disabled:r.trim()==="",children:[o("p",{children:i("back-what")}),o(Ie,{label:i("back-note"),value:r,onInput:s})]})}function gl({act:t,onDone:e,onClose:n}){let[r,s]=y(""),[a,l]=y(""),{busy:c,trouble:u,run:p}=Z(ne);return o(j,{title:i("step-pass-on"),busy:c,trouble:u,action:i("step-pass-on"),onSubmit:()=>{p(async()=>e(await A.passOn(t.summary.id,r.trim(),a.trim())))},onClose:n,disabled:r.trim()===""||a.trim()==="",children:[o("p",{children:i("pass-on-lead")}),o("label",{class:"stacked",children:[o("span",{children:i("person-name-short")}),o("input",{name:"to-name",required:!0,maxLength:200,autocomplete:"off",value:r,onInput:d=>s(d.currentTarget.value)})]}),o("label",{class:"stacked",children:[o("span",{children:i("person-post-short")}),o("input",{name:"to-post",required:!0,maxLength:200,autocomplete:"off",value:a,onInput:d=>l(d.currentTarget.value)})]})]})}function bl({act:t,onDone:e,onClose:n}){let r=t.summary.exam.utc_offset_secs,[s,a]=y(()=>Bs(t.now_ms,r)),[l,c]=y(""),{busy:u,trouble:p,run:d}=Z(ne),h=Math.min(Date.parse(`${s}:00Z`)-r*1e3,t.now_ms);return o(j,{title:i("step-cancel-grade"),busy:u,trouble:p,action:i("cancel-grade-do"),onSubmit:()=>{d(async()=>e(await A.cancelGrade(t.summary.id,h,l.trim())))},onClose:n,disabled:Number.isNaN(h),children:[o("p",{children:i("cancel-grade-lead")}),o("label",{class:"stacked",children:[o("span",{children:i("cancel-grade-when")}),o("input",{name:"cancelled",type:"datetime-local",required:!0,max:Bs(t.now_ms,r),value:s,onInput:f=>a(f.currentTarget.value)})]}),o("label",{class:"stacked",children:[o("span",{children:i("cancel-grade-routing")}),o("input",{name:"routing",maxLength:ml,autocomplete:"off",value:l,onInput:f=>c(f.currentTarget.value)})]})]})}function Bs(t,e){let[n,r,s]=J(t,e).split(".");return`${s}-${r}-${n}T${R(t,e,!1)}`}function yl({act:t,me:e,onClose:n}){let r=Vs(t),[s,a]=y(r[0]??"supplements"),[l,c]=y(null),{busy:u,trouble:p,run:d}=Z(ne),h=lo(t,s,e.role,l),f=()=>{d(async()=>{try{let m=await A.draft(Ls(t,s,h));n(),location.hash=`#/act/${m.summary.id}`}catch(m){let g=m instanceof D&&h===null?Ns(m):null;if(c(g),g===null||lo(t,s,e.role,g)===null)throw m}})};return o(j,{title:i("step-correct"),busy:u,trouble:p,action:i("draw-up-open"),onSubmit:f,onClose:n,children:[o("p",{children:i("correct-lead")}),o("fieldset",{children:[o("legend",{children:i("correct-relation")}),r.map(m=>o("label",{class:"choice",children:[o("input",{type:"radio",name:"relation",value:m,checked:s===m,onChange:()=>a(m)})," ",i(`relation-${m}`)]},m))]}),o("p",{class:h===null?"hint":"message warn",role:"status","data-test":"without-footage",children:h===null?i("correct-filled-in"):i(`correct-without-${h}`)})]})}var wl=4e3;function zs({id:t,me:e,onSignedOut:n}){let[r,s]=y(null),[a,l]=y(null),[c,u]=y([]),[p,d]=y(null),h=H(0),f=H(0),m=async()=>{let M=++f.current,T=await Le.act(t);return M>=h.current&&(h.current=M,s(T)),T},g=M=>{h.current=++f.current,s(M)};E(()=>{let M,T=!1,L=async()=>{document.hidden||await m().then(()=>d(null),U=>d(U instanceof D?U:new D(0,t))),T||(M=setTimeout(()=>{L()},wl))};return L(),A.forms().then(l,U=>d(U instanceof D?U:new D(0,t))),A.accounts().then(u,()=>{}),()=>{T=!0,clearTimeout(M)}},[t]);let x=r?.form??a?.find(({kind:M})=>M===r?.summary.kind);if(Y(r?Ir(r.summary,x?[x]:[]):i("acts-title")),!r||!a)return o(X,{error:p,empty:!0,onSignedOut:n});if(!x)return o("p",{class:"message bad",role:"alert",children:i("act-no-form",{kind:r.summary.kind})});let b={act:r,form:x,people:c,me:e,onAct:g,again:m},{summary:w}=r,v=w.state==="draft"&&r.may.includes("edit");return o(C,{children:[o("nav",{children:o("a",{href:"#/acts",children:["← ",i("acts-title")]})}),o("div",{class:"card-head",children:[o("h1",{children:[Ht(w)," · ",w.subject??(w.state==="discarded"?w.exam.title:i("draw-up-nobody"))]}),o(Gn,{act:w})]}),o("p",{children:[I(x.title)," ",o("span",{class:"hint",children:[w.exam.title,", ",xe(w.exam.starts_ms,w.exam.ends_ms,w.exam.utc_offset_secs)]})]}),o(X,{error:p,empty:!1,onSignedOut:n}),o(Fr,{act:w,nowMs:r.now_ms}),o(vl,{act:r,form:x}),v?o(Ts,{...b},t):o(C,{children:[o(Cs,{...b}),o(Us,{...b}),w.state!=="discarded"&&o(C,{children:[o(Rs,{act:r,form:x,me:e}),o(tn,{act:r,evidence:r.evidence,me:e,onChange:null}),o(Zt,{act:r,me:e,onChanged:async()=>{await m()}})]}),o(As,{act:r})]})]})}function vl({act:t,form:e}){let{summary:n,refers_to:r,referred_by:s,earlier:a,close_note:l}=t,c=u=>o("a",{href:`#/act/${u}`,children:i("act-open-other")});return o(C,{children:[l!==null&&o("p",{class:"message",children:i("act-discarded-note",{note:l})}),r&&o("p",{class:"message",children:[i(`act-${r.relation}`)," ",c(r.act)]}),s.map(({act:u,relation:p})=>o("p",{class:`message ${p==="revokes"?"bad":"warn"}`,children:[i(`act-by-${p}`)," ",c(u)]},u)),n.repeated&&o("div",{class:"message warn",children:[o("p",{children:e.repeated?I(e.repeated):i("act-repeated")}),a.length>0&&o("p",{children:[i("act-earlier",{count:a.length})," ",a.map(u=>o("span",{children:[c(u)," "]},u))]})]})]})}function js({me:t,route:e}){let[,n]=y(0);E(()=>sn(()=>n(s=>s+1)),[]);let r=rn(t.login).filter(({id:s})=>!(e.page==="act"&&e.id===s));return r.length===0?null:o("div",{class:"message warn",role:"status",children:[o("p",{children:i("draft-unsaved-elsewhere",{count:r.length})}),o("ul",{children:r.map(({id:s,act:a})=>o("li",{children:o("a",{href:`#/act/${s}`,children:a.summary.subject??a.summary.exam.title})},s))})]})}var kl=t=>-new Date(t).getTimezoneOffset()*60;function Hs({onSignedOut:t}){let[e,n]=y([]),[r,s]=y(0),[a,l]=y(!0),[c,u]=y(!0),[p,d]=y(null),[h,f]=y("");Y(i("audit-title")),E(()=>{let b=!1;return u(!0),A.audit(r).then(w=>{b||(n(v=>[...v.filter(({id:M})=>M<=r),...w]),l(w.length>0),d(null))},w=>b||d(w instanceof D?w:new D(0,""))).finally(()=>b||u(!1)),()=>{b=!0}},[r]);let m=({detail:b})=>typeof b=="string"?b:JSON.stringify(b),g=h.trim().toLowerCase(),x=e.filter(b=>g===""||`${b.who} ${b.action} ${b.object} ${m(b)}`.toLowerCase().includes(g));return o(C,{children:[o("h1",{children:i("audit-title")}),o("p",{class:"hint",children:i("audit-lead")}),o("div",{class:"controls filters",children:[o("label",{class:"inline",children:[i("audit-filter")," ",o("input",{class:"search",name:"filter",type:"search",autocomplete:"off",value:h,onInput:b=>f(b.currentTarget.value)})]}),o("span",{class:"hint",role:"status",children:i("audit-count",{count:x.length})})]}),o(X,{error:p,empty:e.length===0&&c,onSignedOut:t}),x.length>0&&o("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("audit-title"),children:o("table",{class:"log","data-test":"audit",children:[o("thead",{children:o("tr",{children:["number","when","who","action","object","detail"].map(b=>o("th",{scope:"col",children:i(`audit-${b}`)},b))})}),o("tbody",{children:x.map(b=>o("tr",{children:[o("td",{children:b.id}),o("td",{children:P(b.at_ms,kl(b.at_ms),!0)}),o("td",{children:b.who}),o("th",{scope:"row",children:b.action}),o("td",{children:o("code",{children:b.object})}),o("td",{children:o("code",{children:m(b)==="{}"?"":m(b)})})]},b.id))})]})}),a&&e.length>0&&o("p",{children:o("button",{type:"button","data-test":"more",disabled:c,onClick:()=>s(e.at(-1)?.id??0),children:i("audit-more")})})]})}var _l=5e3;function qs({onSignedOut:t}){let{value:e,error:n}=ie(a=>a.exams(),_l,[]);Y(i("exams-title"));let r={running:0,coming:1,over:2,expired:3},s=[...e??[]].sort((a,l)=>r[a.state]-r[l.state]||l.starts_ms-a.starts_ms);return o(C,{children:[o("h1",{children:i("exams-title")}),o(X,{error:n,empty:!e,onSignedOut:t}),e?.length===0&&o("p",{class:"hint",children:i("exams-none")}),o("ul",{class:"cards",children:s.map(a=>o("li",{class:"card",children:[o("div",{class:"card-head",children:[o("h2",{children:o("a",{href:`#/exam/${a.id}`,children:a.title})}),o(co,{exam:a})]}),o(uo,{exam:a}),o("p",{class:"counts",children:[i("exam-recordings",{count:a.recordings}),a.flagged>0&&o(z,{tone:"warn",children:i("exam-flagged",{count:a.flagged})})]})]},a.id))})]})}function co({exam:t}){return o(z,{tone:{running:"live",coming:"plain",over:"plain",expired:"bad"}[t.state]??"plain",children:i(`exam-state-${t.state}`)})}function uo({exam:t}){let e=ge(t.expires)??t.utc_offset_secs;return o(je,{rows:[[i("exam-discipline"),t.discipline],[i("exam-window"),xe(t.starts_ms,t.ends_ms,t.utc_offset_secs)],[i("exam-expires"),P(t.expires_ms,e)],[i("exam-policy"),t.policy]]})}var xl=5e3,Ml=["all","pending","effective","released"];function Ws({me:t,onSignedOut:e}){let n=ee(),[r,s]=y(0),{value:a,error:l}=ie(m=>m.holds(),xl,[r]),[c,u]=y("all");Y(i("holds-title"));let p=()=>s(m=>m+1),d=t.role==="reviewer"||t.role==="board"||t.role==="admin",h=a?.some(m=>m.state==="pending")??!1,f=(a??[]).filter(m=>c==="all"||m.state===c);return o(C,{children:[o("h1",{children:i("holds-title")}),o("p",{class:"hint",children:i("hold-state-hint")}),o(X,{error:l,empty:!a,onSignedOut:e}),h&&d&&!n&&o(Se,{me:t}),o("div",{class:"controls filters",children:o("label",{class:"inline",children:[i("acts-filter-state"),o("select",{name:"state",value:c,onChange:m=>u(m.currentTarget.value),children:Ml.map(m=>o("option",{value:m,children:i(m==="all"?"acts-filter-all":`hold-state-${m}`)},m))})]})}),a&&f.length===0&&o("p",{class:"hint",children:i("holds-none")}),o("ul",{class:"cards",children:f.map(m=>o("li",{class:"card",children:o(Sl,{hold:m,me:t,seals:d,onChanged:p})},m.id))})]})}function Sl({hold:t,me:e,seals:n,onChanged:r}){let[s,a]=y(!1),l=t.utc_offset_secs;return o(C,{children:[o("div",{class:"card-head",children:[o("h2",{children:o("a",{href:`#/recording/${t.recording}`,children:t.who||i("hold-recording")})}),n?o(We,{hold:t,me:e,onSealed:r}):o(z,{tone:t.state==="effective"?"good":t.state==="pending"?"warn":"plain",children:i(`hold-state-${t.state}`)})]}),o(je,{rows:[[i("hold-exam"),t.exam],[i("hold-range"),`${P(t.from_ms,l,!0)} – ${R(t.to_ms,l)}`],[i("hold-covered"),i("hold-segments",{count:t.segments,mb:Me(t.size_bytes)})],[i("hold-reason"),t.act?o("a",{href:`#/act/${t.act}`,children:i("hold-reason-act")}):F(`hold-reason-${t.reason}`,"hold-reason-other")],t.note===""?null:[i("hold-note"),t.note],[i("hold-opened"),Ks(t.opened_by,P(t.opened_ms,l))],[i("exam-expires"),P(t.expires_ms,l)],t.released_ms===null?null:[i("hold-released"),`${Ks(t.released_by,P(t.released_ms,l))}${t.release_note?`: ${$l(t.release_note)}`:""}`]]}),t.state!=="released"&&n&&o("p",{children:o("button",{type:"button",class:"small","data-test":"release",onClick:()=>a(!0),children:i("hold-release")})}),s&&o(El,{hold:t,onDone:()=>(a(!1),r()),onClose:()=>a(!1)})]})}var Ks=(t,e)=>t?`${t}, ${e}`:e;function $l(t){let e=`released-${t.replaceAll(" ","-")}`;return Nt(e)?i(e):t}function El({hold:t,onDone:e,onClose:n}){let[r,s]=y(""),{busy:a,trouble:l,run:c}=Z(p=>p.status===409?i("hold-needed"):ne(p)),u=()=>{c(async()=>{await A.releaseHold(t.id,r.trim()),e()})};return o(j,{title:i("hold-release"),busy:a,trouble:l,danger:!0,action:i("hold-release"),onSubmit:u,onClose:n,disabled:r.trim()==="",children:[o("p",{children:i("hold-release-what")}),o(Ie,{label:i("hold-release-note"),value:r,onInput:s})]})}function Gs({onSignedIn:t}){let[e,n]=y(""),[r,s]=y(""),[a,l]=y(!1),[c,u]=y(null);Y(i("login-title"));let p=async h=>{h.preventDefault(),l(!0),u(null);try{t(await A.login(e,r))}catch(f){u(f instanceof D?f:new D(0,"")),s("")}finally{l(!1)}},d=c&&(c.status===401?i("login-wrong"):ue(c));return o("form",{class:"card narrow",onSubmit:p,children:[o("h1",{children:i("login-title")}),o("p",{class:"hint",children:i("login-lead")}),d&&o("p",{class:"message bad",role:"alert",id:"login-error",children:d}),o("label",{children:[i("login-name"),o("input",{name:"login",autocomplete:"username",autocapitalize:"none",spellcheck:!1,required:!0,value:e,onInput:h=>n(h.currentTarget.value)})]}),o("label",{children:[i("login-password"),o("input",{name:"password",type:"password",autocomplete:"current-password",required:!0,value:r,onInput:h=>s(h.currentTarget.value),"aria-describedby":d?"login-error":void 0})]}),o("button",{type:"submit",class:"primary",disabled:a,children:a?i("login-busy"):i("login-submit")})]})}var Tl={invigilator:["exams","acts"],reviewer:["exams","acts","holds"],board:["exams","acts","holds"],registrar:["exams","acts","registrar"],admin:["exams","acts","holds","audit"],auditor:["audit"]},Js=t=>Tl[t]??["exams"],Ys=t=>Js(t)[0]??"exams",Al=6e4;function Zs({me:t,page:e}){let n=Cl(t),r=Js(t.role).filter(l=>l!=="holds"||n),s=e==="act"?"acts":e==="exam"||e==="recording"?"exams":e,{value:a}=ie(async l=>r.includes("acts")?(await l.acts()).acts.filter(({yours_to_sign:c})=>c).length:0,Al,[t.login]);return o("nav",{class:"menu","aria-label":i("nav-title"),children:o("ul",{children:r.map(l=>o("li",{children:o("a",{href:l==="exams"?"#/":`#/${l}`,"aria-current":l===s?"page":void 0,children:[i(`nav-${l}`),l==="acts"&&a!==null&&a>0&&o("span",{class:"badge",title:i("acts-yours-count",{count:a}),children:[a,o("span",{class:"sr",children:[" ",i("acts-yours-count",{count:a})]})]})]})},l))})})}function Cl(t){let[e,n]=y(!1);return E(()=>{t.role==="admin"&&A.reviewKeys().then(r=>n(r.length>0),()=>n(!1))},[t.login,t.role]),t.role!=="admin"||e}function ln({model:t,offsetSecs:e,onSeek:n}){let r=Rl(t,e);return o("details",{class:"table",children:[o("summary",{children:i("table-title")}),o("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("table-title"),children:o("table",{children:[o("thead",{children:o("tr",{children:[o("th",{scope:"col",children:i("table-what")}),o("th",{scope:"col",children:i("table-from")}),o("th",{scope:"col",children:i("table-to")}),o("th",{scope:"col",children:i("table-length")}),o("th",{scope:"col",children:i("table-details")})]})}),o("tbody",{children:r.map((s,a)=>o("tr",{children:[o("th",{scope:"row",children:s.what}),o("td",{children:n?o("button",{type:"button",class:"link",onClick:()=>n(s.fromMs),children:R(s.fromMs,e)}):R(s.fromMs,e)}),o("td",{children:s.toMs===null?i("table-ongoing"):R(s.toMs,e)}),o("td",{children:s.length}),o("td",{children:s.details})]},a))})]})})]})}function Rl(t,e){let n=t.marks.find(({kind:f})=>f==="start")?.atMs??t.range.fromMs,r=t.marks.find(({kind:f})=>f==="end")?.atMs??t.range.toMs,s={fromMs:n,toMs:r,what:i("table-window"),length:te(r-n),details:`${P(n,e)} – ${P(r,e)}`},a=t.tracks.flatMap(({track:f,sound:m,footage:g})=>g.map(({fromMs:x,toMs:b})=>({fromMs:x,toMs:b,what:`${i(m?"timeline-sound":"timeline-footage")}: ${f}`,length:te(b-x),details:""}))),l=t.tracks.flatMap(({track:f,damaged:m})=>m.map(({fromMs:g,toMs:x,fault:b})=>({fromMs:g,toMs:x,what:`${i("timeline-damaged")}: ${f}`,length:be(x-g),details:F(`fault-${b}`,"fault-malformed")}))),c=({fromMs:f,toMs:m,cause:g},x="")=>({fromMs:f,toMs:m,what:x===""?i("timeline-missing"):`${i("timeline-missing")}: ${x}`,length:te(m-f),details:F(`cause-${g}`,"cause-unknown")}),u=[...t.missing.map(f=>c(f)),...t.tracks.flatMap(({track:f,missing:m})=>m.map(g=>c(g,f)))],p=t.outages.map(f=>{let m=be(f.upperMs),g=f.lowerMs===null?i("table-outage-upper",{upper:m}):i("table-outage-bounds",{lower:be(f.lowerMs),upper:m});return{fromMs:f.fromMs,toMs:f.ongoing?null:f.toMs,what:i("table-outage",{cause:F(`cause-${f.cause}`,"cause-unknown")}),length:te(f.upperMs),details:`${g}; ${i("table-outage-counted",{counted:be(f.countedMs)})}`}}),d=t.held.map(({fromMs:f,toMs:m,state:g})=>({fromMs:f,toMs:m,what:i(`timeline-held-${g}`),length:te(m-f),details:""})),h=[...a,...l,...u,...p,...d].sort((f,m)=>f.fromMs-m.fromMs);return[s,...h]}var gt=18;function Xs({marks:t,view:e,width:n,height:r,offsetSecs:s,onMove:a}){let l=H(null),c=p=>(p-e.fromMs)/Math.max(1,e.toMs-e.fromMs)*n,u=p=>{let d=l.current?.getBoundingClientRect();return d?e.fromMs+(p-d.left)/d.width*(e.toMs-e.fromMs):e.fromMs};return o("svg",{ref:l,class:"timeline-handles",width:n,height:r,viewBox:`0 0 ${n} ${r}`,children:[["in",t.fromMs],["out",t.toMs]].map(([p,d])=>{if(d===null||d<e.fromMs||d>e.toMs)return null;let h=g=>{let x=g.shiftKey?1e4:1e3,b={ArrowLeft:-x,ArrowDown:-x,ArrowRight:x,ArrowUp:x,PageDown:-6e4,PageUp:6e4}[g.key];b!==void 0&&(g.preventDefault(),g.stopPropagation(),a(p,d+b))},f=g=>g.currentTarget.setPointerCapture(g.pointerId),m=g=>{g.currentTarget.hasPointerCapture(g.pointerId)&&a(p,u(g.clientX))};return o("g",{class:"handle",role:"slider",tabindex:0,"data-test":`handle-${p}`,"aria-label":i(p==="in"?"collect-in":"collect-out"),"aria-valuemin":Math.round(e.fromMs/1e3),"aria-valuemax":Math.round(e.toMs/1e3),"aria-valuenow":Math.round(d/1e3),"aria-valuetext":R(d,s),transform:`translate(${c(d)} 0)`,onKeyDown:h,onPointerDown:f,onPointerMove:m,children:[o("line",{y1:gt,y2:r}),o("path",{d:p==="in"?`M0 ${gt}h11v${gt}h-11z`:`M0 ${gt}h-11v${gt}h11z`})]},p)})})}function mo(t,e){let n=t.chunks[e];if(!n)return!1;let r=(t.chunks[e+1]?.offset??t.size_bytes)-(n.offset+n.len);return r>=128&&r!==184}var Ge=t=>t.state==="stored",bt=t=>t.kind==="video"||t.kind==="screen",re=t=>t.kind==="audio",Ee=t=>bt(t)||re(t);function he(t,e){return[...new Set([...t].filter(e).map(({track:n})=>n))].sort()}function fo(t,e){let n=t.chunks[e];if(!n)return null;let r=e;for(;r<t.chunks.length-1&&!mo(t,r);)r++;let s=t.chunks[r+1]?.offset??t.size_bytes;return{segment:t,first:e,last:r,from:n.offset,to:s,signed:mo(t,r)}}function ho(t){let{id:e,run:n,track:r,sequence:s}=t,a=fo(t,0)?.to??t.size_bytes;return{id:e,run:n,track:r,sequence:s,sizeBytes:t.size_bytes,closed:Ge(t),prefixEnd:a}}function go({chunks:t},e){let n=0,r=e;for(;r<t.length&&(n+=t[r]?.duration_ms??0,!(n>6e3));r++);return r}function Qs({segment:t,first:e,last:n},{pieces:r,differences:s,trouble:a}){let l=e+Math.max(0,r.findIndex(({cover:p})=>p==="tail"));if(l===e)for(;l>0&&!mo(t,l-1);)l--;let u=!Ge(t)&&n===t.chunks.length-1?go(t,l):0;return r.map(({cover:p},d)=>p==="signed"||p==="tail"&&e+d<u?null:s.length>0?"index":p==="tail"?"unsigned":a?.fault??"chain")}var po=t=>t.from_ms+t.duration_ms;function cn(t,e){let n=(r,s)=>r.from_ms-s.from_ms||r.sequence-s.sequence;return[...t].filter(r=>r.track===e&&Ee(r)&&r.chunks.length>0).sort(n)}function Fe(t,e){for(let[n,{chunks:r,to_ms:s}]of t.entries()){if(s<=e)continue;let a=r.findIndex(l=>po(l)>e);if(a>=0)return{segment:n,chunk:a}}return null}function bo(t,e){let n=t[e.segment]?.chunks??[],r=e.chunk;for(;r>0&&!n[r]?.key;)r--;return{segment:e.segment,chunk:r}}function Je(t){return t.reduce((e,{to_ms:n})=>Math.max(e??n,n),null)}function ea(t){let e=new Map;for(let{run:n,track:r,sequence:s}of t){let a=e.get(`${n} ${r}`)??{run:n,track:r,found:new Set};a.found.add(s),e.set(`${n} ${r}`,a)}return[...e.values()].flatMap(({run:n,track:r,found:s})=>Array.from({length:Math.max(...s)},(a,l)=>({run:n,track:r,sequence:l})).filter(({sequence:a})=>!s.has(a)))}function ta(t,e){let n=a=>a.segment===e.segment&&a.fault==="index"==(e.fault==="index"),r=a=>n(a)&&a.fromMs<=e.toMs+1&&e.fromMs<=a.toMs+1,s=t.filter(r).reduce((a,l)=>({...l,fromMs:Math.min(a.fromMs,l.fromMs),toMs:Math.max(a.toMs,l.toMs)}),e);return[...t.filter(a=>!r(a)),s].sort((a,l)=>a.fromMs-l.fromMs)}function Ye(t,e,n){let r=(a,l,c)=>e.some(u=>u.segment===a.id&&u.fromMs<c&&l<u.toMs),s=Fe(t,n);if(!s)return null;for(let[a,l]of t.entries()){if(a<s.segment)continue;let c=!1,u=a===s.segment?bo(t,s).chunk:0;for(let[p,d]of l.chunks.entries())if(!(p<u)&&(c=(c||d.key)&&!r(l,d.from_ms,po(d)),c&&po(d)>n))return Math.max(n,d.from_ms)}return null}function dn(t,e,n,r){let s=t.outages.map(b=>{let w=b.to_ms??Math.max(r,b.from_ms),v=Math.max(0,w-b.from_ms-(b.lower_ms??0))/2;return{fromMs:b.from_ms,toMs:w,cause:b.cause,certain:b.lower_ms?{fromMs:b.from_ms+v,toMs:w-v}:null,ongoing:b.ongoing,upperMs:b.upper_ms,lowerMs:b.lower_ms,countedMs:b.counted_upper_ms}}),a=new Map,l=(b,w)=>a.set(b,na([...a.get(b)??[],w]));for(let b of t.footage)l(b.track,{fromMs:b.from_ms,toMs:b.to_ms});let c=new Set;for(let b of e)if(re(b)&&c.add(b.track),Ee(b))for(let w of Dl(b))l(b.track,w);let p=[...new Set([...a.keys(),...t.track_missing.map(({track:b})=>b)])].sort().map(b=>{let w=c.has(b)||yo(b);return{track:b,sound:w,footage:a.get(b)??[],damaged:n.filter(v=>v.track===b),missing:Ol(t,b,w)}}),d=t.state==="recording"||t.state==="offline"||r<t.ends_ms,h=[...p.flatMap(b=>b.footage),...s],f={fromMs:Math.min(t.starts_ms,...h.map(({fromMs:b})=>b)),toMs:Math.max(t.ends_ms,...h.map(({toMs:b})=>b))},m=[{kind:"start",atMs:t.starts_ms},{kind:"end",atMs:t.ends_ms},{kind:"expiry",atMs:t.exam.expires_ms}];d&&m.push({kind:"now",atMs:r}),t.finding.deadline_ms!==null&&m.push({kind:"deadline",atMs:t.finding.deadline_ms});let g=t.missing.map(({from_ms:b,to_ms:w,cause:v})=>({fromMs:b,toMs:w,cause:v})),x=t.held.map(({hold:b,from_ms:w,to_ms:v,state:M})=>({hold:b,state:M,fromMs:w,toMs:v}));return{range:f,tracks:p,missing:g,outages:s,held:x,marks:m}}function yo(t){return/^mic\d+$/.test(t)}var Pl=500;function Ol(t,e,n){let r=(l,c)=>Math.abs(l-c)<Pl,s=l=>t.missing.some(({from_ms:c,to_ms:u,cause:p})=>l.cause===p&&r(l.from_ms,c)&&r(l.to_ms,u));return t.track_missing.filter(l=>l.track===e&&!s(l)).map(({from_ms:l,to_ms:c,cause:u})=>({fromMs:l,toMs:c,cause:yt(u,n)}))}function yt(t,e){return e&&t==="camera-lost"?"microphone-lost":t}function Dl({from_ms:t,to_ms:e,chunks:n}){return n.length===0?[{fromMs:t,toMs:e}]:na(n.map(r=>({fromMs:r.from_ms,toMs:r.from_ms+r.duration_ms})))}function na(t){let e=[];for(let n of[...t].sort((r,s)=>r.fromMs-s.fromMs)){let r=e.at(-1);r&&n.fromMs<=r.toMs+500?r.toMs=Math.max(r.toMs,n.toMs):e.push({...n})}return e}function oa(t,e,n,r){let s=[1,5,10,30,60,120,300,600,900,1800,3600,7200,10800,21600,43200,86400].map(d=>d*1e3),a=(t.toMs-t.fromMs)*n/Math.max(1,e),l=s.find(d=>d>=a)??864e5,c=r*1e3,u=Math.ceil((t.fromMs+c)/l)*l-c,p=[];for(let d=u;d<=t.toMs;d+=l)p.push({atMs:d,seconds:l<6e4});return p}function ra(t,e,n,r){let s=Math.min(e.toMs-e.fromMs,Math.max(2e4,(t.toMs-t.fromMs)*n)),a=(r-t.fromMs)/Math.max(1,t.toMs-t.fromMs),l=r-s*Math.min(1,Math.max(0,a));return wt({fromMs:l,toMs:l+s},e,0)}function wt(t,e,n){let r=Math.min(t.toMs-t.fromMs,e.toMs-e.fromMs),s=Math.min(Math.max(t.fromMs+n,e.fromMs),e.toMs-r);return{fromMs:s,toMs:s+r}}var ye=24,le=20,vt=5;function un({model:t,atMs:e,offsetSecs:n,deadlineOffsetSecs:r,onSeek:s,marks:a,onMove:l}){let c=H(null),[u,p]=y(600),[d,h]=y(null);Be(()=>{let k=c.current;if(!k)return;let $=new ResizeObserver(()=>p(Math.max(200,k.clientWidth)));return $.observe(k),()=>$.disconnect()},[]);let f=d?wt(d,t.range,0):t.range,m=Math.max(1,f.toMs-f.fromMs),g=k=>(k-f.fromMs)/m*u,x=e!==null&&e>=f.fromMs&&e<=f.toMs?e:(f.fromMs+f.toMs)/2,b=(k,$=x)=>{let B=ra(f,t.range,k,$);h(B.toMs-B.fromMs>=t.range.toMs-t.range.fromMs?null:B)};E(()=>{d&&e!==null&&(e<d.fromMs||e>d.toMs)&&h(wt(d,t.range,e-(d.fromMs+(d.toMs-d.fromMs)*.1)))},[e]);let w=k=>{let $=c.current?.getBoundingClientRect();return $?f.fromMs+(k.clientX-$.left)/$.width*m:f.fromMs},v=k=>{if(k.ctrlKey)b(k.deltaY>0?1.25:.8,w(k));else if(k.deltaX!==0&&d)h(wt(d,t.range,k.deltaX/u*m));else return;k.preventDefault()},M=t.tracks.length+2+(t.held.length>0?1:0),T=ye+M*(le+vt),L=ye+t.tracks.length*(le+vt),U=L+le+vt,Q=U+le+vt,G=a?.fromMs??null,_=a?.toMs??null,S=t.marks.filter(({kind:k,atMs:$})=>(k==="expiry"||k==="deadline")&&$>f.toMs),O=s?{role:"slider",tabIndex:0,"aria-label":i("timeline-slider"),"aria-valuemin":Math.round(t.range.fromMs/1e3),"aria-valuemax":Math.round(t.range.toMs/1e3),"aria-valuenow":Math.round((e??t.range.fromMs)/1e3),"aria-valuetext":i("player-position",{time:R(e??t.range.fromMs,n)})}:{role:"img","aria-label":i("timeline-title")};return o("section",{class:"timeline","aria-label":i("timeline-title"),children:[o("div",{class:"timeline-head",children:[o("h2",{children:i("timeline-title")}),o("span",{class:"hint",children:i("timeline-zone",{zone:fe(n)})}),o("div",{class:"group",children:[o("button",{type:"button",class:"small",onClick:()=>b(.5),"aria-label":i("timeline-zoom-in"),title:i("timeline-zoom-in"),children:"+"}),o("button",{type:"button",class:"small",onClick:()=>b(2),"aria-label":i("timeline-zoom-out"),title:i("timeline-zoom-out"),children:"−"}),o("button",{type:"button",class:"small",onClick:()=>h(null),disabled:!d,children:i("timeline-zoom-all")})]})]}),o("div",{class:"timeline-stack",children:[o("div",{ref:c,class:s?"timeline-box seekable":"timeline-box",...O,onWheel:v,onClick:k=>s?.(w(k)),children:o("svg",{width:u,height:T,viewBox:`0 0 ${u} ${T}`,"aria-hidden":"true",children:[o(Il,{}),oa(f,u,76,n).map(k=>o("g",{class:"tick",children:[o("line",{x1:g(k.atMs),x2:g(k.atMs),y1:ye-6,y2:T}),o("text",{x:g(k.atMs),y:12,"text-anchor":g(k.atMs)<24?"start":g(k.atMs)>u-24?"end":"middle",children:R(k.atMs,n,k.seconds)})]},k.atMs)),t.tracks.map(({track:k,sound:$,footage:B,damaged:vn,missing:kn},Mt)=>{let ae=ye+Mt*(le+vt);return o("g",{children:[o("rect",{class:"lane",x:0,y:ae,width:u,height:le,rx:4}),kn.map(ce=>o(Ne,{bar:ce,x:g,y:ae,name:"missing",title:`${k}: ${F(`cause-${ce.cause}`,"cause-unknown")}`,width:u},`${ce.fromMs} ${ce.cause}`)),B.map(ce=>o(Ne,{bar:ce,x:g,y:ae,name:$?"sound":"footage",width:u},ce.fromMs)),vn.map(ce=>o(Ne,{bar:ce,x:g,y:ae,name:"damaged",least:4,width:u},`${ce.fromMs} ${ce.fault}`)),o("text",{class:"lane-name",x:6,y:ae+14,children:k})]},k)}),o("rect",{class:"lane",x:0,y:L,width:u,height:le,rx:4}),t.missing.map(k=>o(Ne,{bar:k,x:g,y:L,name:"missing",title:F(`cause-${k.cause}`,"cause-unknown"),width:u},k.fromMs)),o("rect",{class:"lane",x:0,y:U,width:u,height:le,rx:4}),t.outages.map(k=>o("g",{children:[o(Ne,{bar:k,x:g,y:U,name:"outage-upper",least:4,title:F(`cause-${k.cause}`,"cause-unknown"),width:u}),k.certain&&o(Ne,{bar:k.certain,x:g,y:U+5,height:le-10,name:"outage",least:2,width:u})]},k.fromMs)),t.held.length>0&&o("rect",{class:"lane",x:0,y:Q,width:u,height:le,rx:4}),t.held.map(k=>o(Ne,{bar:k,x:g,y:Q+3,height:le-6,name:`held-${k.state}`,least:4,title:i(`timeline-held-${k.state}`),width:u},`${k.hold} ${k.fromMs}`)),G!==null&&_!==null&&_>f.fromMs&&G<f.toMs&&o("rect",{class:"marked","data-test":"marked",x:Math.max(0,g(G)),y:ye-6,width:Math.max(2,Math.min(u,g(_))-Math.max(0,g(G))),height:T-ye+6}),t.marks.filter(({atMs:k})=>k>=f.fromMs&&k<=f.toMs).map(({kind:k,atMs:$})=>o("line",{class:`mark mark-${k}`,x1:g($),x2:g($),y1:ye-8,y2:T},k)),e!==null&&e>=f.fromMs&&e<=f.toMs&&o("g",{class:"playhead",transform:`translate(${g(e)} 0)`,children:[o("line",{y1:ye-6,y2:T}),o("path",{d:`M-6 ${ye-10}h12l-6 8z`})]})]})}),a&&l&&o(Xs,{marks:a,view:f,width:u,height:T,offsetSecs:n,onMove:l})]}),S.length>0&&o("p",{class:"beyond",children:S.map(({kind:k,atMs:$})=>o("span",{children:[i(`timeline-${k}`),": ",P($,k==="deadline"?r:n)," ",o("span",{"aria-hidden":"true",children:"→"})]},k))}),o(Fl,{kinds:["footage",...t.tracks.some(({sound:k})=>k)?["sound"]:[],"damaged","missing","outage","outage-upper",...new Set(t.held.map(({state:k})=>`held-${k}`))],marks:t.marks.map(({kind:k})=>k)})]})}function Ne(t){let e=Math.max(-2,t.x(t.bar.fromMs)),n=Math.min(t.width+2,t.x(t.bar.toMs)),r=Math.max(n-e,t.least??1);return n<0||e>t.width?null:o("rect",{class:`bar bar-${t.name}`,"data-kind":t.name,x:e,y:t.y,width:r,height:t.height??le,rx:Math.min(4,r/2),children:t.title&&o("title",{children:t.title})})}function Il(){return o("defs",{children:[o("pattern",{id:"hatch-missing",width:"7",height:"7",patternUnits:"userSpaceOnUse",patternTransform:"rotate(45)",children:[o("rect",{class:"hatch-ground",width:"7",height:"7"}),o("line",{class:"hatch-missing",x1:"0",x2:"0",y1:"0",y2:"7"})]}),o("pattern",{id:"hatch-damaged",width:"6",height:"6",patternUnits:"userSpaceOnUse",patternTransform:"rotate(-45)",children:[o("rect",{class:"hatch-damaged-ground",width:"6",height:"6"}),o("line",{class:"hatch-damaged",x1:"0",x2:"0",y1:"0",y2:"6"})]})]})}function Fl({kinds:t,marks:e}){return o("ul",{class:"legend","aria-label":i("timeline-legend"),children:[t.map(n=>o("li",{children:[o("svg",{width:"18",height:"12","aria-hidden":"true",children:o("rect",{class:`bar bar-${n}`,x:"1",y:"1",width:"16",height:"10",rx:"2"})}),i(`timeline-${n}`)]},n)),e.filter(n=>["start","end","now"].includes(n)).map(n=>o("li",{children:[o("svg",{width:"18",height:"12","aria-hidden":"true",children:o("line",{class:`mark mark-${n}`,x1:"9",x2:"9",y1:"0",y2:"12"})}),i(`timeline-${n}`)]},n))]})}function mn({recording:t}){return t.conditions.length===0?null:o("ul",{class:"conditions","aria-label":i("conditions-title"),"data-test":"conditions",children:t.conditions.map(({condition:e,track:n,since_ms:r,reason:s})=>{let a=yt(e,n!==null&&yo(n));return o("li",{class:"finding-line","data-condition":e,children:[o(z,{tone:e==="camera-lost"?"bad":"warn",children:[n??i("conditions-computer"),": ",F(`condition-${a}`,"condition-other")]})," ",i("conditions-since",{time:P(r,t.exam.utc_offset_secs,!0)}),o("span",{class:"hint",lang:"en",children:s})]},`${e} ${n}`)})})}function kt(t){return ge(t.finding.deadline??"")??t.exam.utc_offset_secs}function sa({finding:t}){return F(`finding-${t.kind}`,"finding-other",{threshold:Cr(t.threshold_ms)})}function aa(t){let{deadline_ms:e}=t.finding;return e===null?null:i("finding-retake-deadline",{deadline:P(e,kt(t))})}function ia({recording:t}){return t.finding.kind==="none"?null:o("p",{class:"finding-line",children:[o(z,{tone:t.finding.kind==="retake"?"bad":"warn",children:sa(t)})," ",aa(t)]})}function la({recording:t}){let{finding:e}=t,n=aa(t),r=e.kind==="none"?"plain":e.kind==="retake"?"bad":"warn";return o("section",{class:`message ${r} finding`,"data-finding":e.kind,"aria-labelledby":"finding-title",children:[o("h2",{id:"finding-title",children:i("finding-title")}),o("p",{children:[o("strong",{children:sa(t)})," ",n&&o("strong",{class:"deadline",children:n})]}),e.longest_upper_ms>0&&o("p",{children:[i("finding-longest",{lower:be(e.longest_lower_ms),upper:be(e.longest_upper_ms)})," ",i("finding-total",{total:be(e.total_upper_ms)})]}),e.provisional&&o("p",{children:i("finding-provisional")}),e.source!==""&&o("p",{class:"hint",children:i("finding-source",{source:e.source})})]})}function wo({label:t,name:e,ms:n,nearMs:r,offsetSecs:s,onChange:a}){let l=n===null?"":R(n,s),[c,u]=y(l),[p,d]=y(!1),h=Ue();Be(()=>(u(l),d(!1)),[l]);let f=()=>{if(c.trim()===""||c===l)return d(!1),u(l);let g=Ut(c,n??r,s);d(g===null),g!==null&&a(g)};return o("label",{class:"inline",children:[t,o("input",{class:"time",name:e,inputMode:"numeric",autocomplete:"off",value:c,"aria-invalid":p,"aria-describedby":p?h:void 0,onInput:g=>u(g.currentTarget.value),onBlur:f,onKeyDown:g=>{if(g.key==="Enter")return g.preventDefault(),f();g.key!=="ArrowUp"&&g.key!=="ArrowDown"||(g.preventDefault(),a((n??r)+(g.key==="ArrowUp"?1:-1)*(g.shiftKey?1e4:1e3)))}}),p&&o("span",{class:"field-error",id:h,role:"alert",children:i("player-go-wrong",{example:R(r,s)})})]})}var ca=24;function da(t,e,n){let[r,s]=Yr(t.id),[a,l]=y(null),c=t.exam.utc_offset_secs,u={fromMs:Math.min(t.starts_ms,...t.footage.map(({from_ms:h})=>h)),toMs:Math.max(t.ends_ms,...t.footage.map(({to_ms:h})=>h))},p=()=>(e?.tick(),e?.state.atMs??t.starts_ms);return{collected:r,change:s,trouble:a,still:async()=>{l(null);try{await import("./evidence.js");let h=e?.shownMs()??null,f=e?.state;if(!n.current||!f?.track||h===null)return l(i("evidence-no-picture"));if(f.unsigned)return l(i("collect-still-unsigned"));let m=Math.round(h),g=await Vr(n.current,{recording:t.id,track:f.track,at_ms:m},Nl(t.who,m,c));s(({stills:x})=>({stills:Jr(x,g,ca)}))}catch(h){l(se(h))}},nowMs:p,in:()=>s(({marks:h})=>({marks:Hr(h,p())})),out:()=>s(({marks:h})=>({marks:qr(h,p())})),move:(h,f)=>s(({marks:m})=>({marks:Kr(m,h,f,u)}))}}function Nl(t,e,n){let r=`${J(e,n)} ${R(e,n)} ${fe(n)}`;return`${[...t].slice(0,110-r.length).join("")}, ${r}`}function ua({recording:t,me:e,collecting:n,atMs:r,onSeek:s}){let{collected:a,change:l}=n,{marks:c,stills:u}=a,[p,d]=y(null),h=Z(),f=t.exam.utc_offset_secs,m=Wr(c),g=m!==null&&Gr(m);return o("section",{class:"collect card","aria-labelledby":"collect-title",children:[o("h2",{id:"collect-title",children:i("collect-title")}),o("div",{class:"controls",children:[o("div",{class:"group",children:[o("button",{type:"button","data-test":"mark-in",onClick:n.in,children:[i("collect-mark-in")," ",o("kbd",{children:"I"})]}),o("button",{type:"button","data-test":"mark-out",onClick:n.out,children:[i("collect-mark-out")," ",o("kbd",{children:"O"})]})]}),o(wo,{label:i("collect-in"),name:"in",ms:c.fromMs,nearMs:r,offsetSecs:f,onChange:x=>n.move("in",x)}),o(wo,{label:i("collect-out"),name:"out",ms:c.toMs,nearMs:r,offsetSecs:f,onChange:x=>n.move("out",x)}),o("span",{class:"hint",role:"status","data-test":"range",children:m&&`${J(m.fromMs,f)} ${fe(f)}, ${te(m.toMs-m.fromMs)}`}),(c.fromMs!==null||c.toMs!==null)&&o("button",{type:"button",class:"small",onClick:()=>l(()=>({marks:Gt})),children:i("collect-clear")})]}),g&&o("p",{class:"field-error",role:"alert",children:i("collect-too-long")}),o("div",{class:"controls",children:[o("button",{type:"button","data-test":"still",disabled:h.busy||u.length>=ca,onClick:()=>{h.run(n.still)},children:[i("collect-still")," ",o("kbd",{children:"S"})]}),o("span",{class:"hint",role:"status",children:u.length>0&&i("collect-stills",{count:u.length})})]}),n.trouble&&o("p",{class:"field-error",role:"alert",children:n.trouble}),o(Ll,{stills:u,offsetSecs:f,onSeek:s,onRemove:x=>l(b=>({stills:b.stills.filter(w=>w!==x)}))}),o("div",{class:"controls",children:[o("button",{type:"button",class:"primary","data-test":"draw-up",disabled:g,onClick:()=>d("act"),children:i("draw-up")}),o("button",{type:"button","data-test":"hold",disabled:m===null||g,onClick:()=>d("hold"),children:i("hold-put")}),o("span",{class:"hint",children:i(m?"collect-hint-ready":"collect-hint")})]}),p==="hold"&&m&&o(vs,{recording:t,range:m,me:e,onClose:()=>d(null)}),p==="act"&&o(en,{exam:t.exam,recording:t,range:m,stills:u.length,me:e,onClose:()=>d(null)})]})}function Ll(t){return t.stills.length===0?null:o("ul",{class:"strip","aria-label":i("collect-strip"),children:t.stills.map(e=>o("li",{children:[o(Kt,{bytes:e.jpeg,media:"image/jpeg",alt:i("still-at",{time:R(e.source.at_ms,t.offsetSecs)})}),o("span",{class:"strip-line",children:[o("button",{type:"button",class:"link",onClick:()=>t.onSeek(e.source.at_ms),children:R(e.source.at_ms,t.offsetSecs)}),o("button",{type:"button",class:"small","aria-label":i("still-remove",{time:R(e.source.at_ms,t.offsetSecs)}),onClick:()=>t.onRemove(e),children:"×"})]})]},`${e.source.track} ${e.source.at_ms}`))})}var _t=class{constructor(e,n){this.element=e;this.lengthSecs=n;this.url=URL.createObjectURL(this.source),this.queue=new Promise(r=>{this.source.addEventListener("sourceopen",()=>r(),{once:!0}),this.giveUp=r}),e.src=this.url}element;lengthSecs;source=new MediaSource;url;buffer=null;queue;mime="";closed=!1;giveUp=()=>{};append(e,n,r,s){return this.enqueue(async()=>{if(this.buffer)e!==this.mime&&this.buffer.changeType(e);else{if(!MediaSource.isTypeSupported(e))throw new DOMException(`${e} is not supported`,"NotSupportedError");this.source.duration=this.lengthSecs,this.buffer=this.source.addSourceBuffer(e),this.buffer.mode="segments"}this.mime=e;let a=this.buffer;n&&(a.abort(),a.timestampOffset!==r&&(a.timestampOffset=r),await this.run(a,()=>a.appendBuffer(n)));for(let l of s)await this.feed(a,l)})}remove(e,n){return this.enqueue(async()=>{let r=this.buffer;r&&n>e&&r.buffered.length>0&&await this.run(r,()=>r.remove(Math.max(0,e),n))})}around(e){for(let[n,r]of this.ranges())if(n-.15<=e&&e<r)return[n,r];return null}nextStart(e){return this.ranges().find(([n])=>n>e)?.[0]??null}aheadOf(e){return this.ranges().reduce((n,[r,s])=>n+Math.max(0,s-Math.max(r,e)),0)}close(){this.closed=!0,this.giveUp(),URL.revokeObjectURL(this.url)}ranges(){if(!this.buffer||this.source.readyState!=="open")return[];let{buffered:e}=this.buffer;return Array.from({length:e.length},(n,r)=>[e.start(r),e.end(r)])}async feed(e,n){try{await this.run(e,()=>e.appendBuffer(n))}catch(r){if(!(r instanceof DOMException)||r.name!=="QuotaExceededError")throw r;let s=this.element.currentTime;await this.run(e,()=>e.remove(0,Math.max(.001,s-3))),await this.run(e,()=>e.remove(s+30,Number.POSITIVE_INFINITY)),await this.run(e,()=>e.appendBuffer(n))}}run(e,n){return new Promise((r,s)=>{let a=()=>(c(),r()),l=()=>(c(),s(new DOMException("the browser could not read a fragment","EncodingError")));this.giveUp=()=>(c(),s(new DOMException("closed","AbortError")));let c=()=>{e.removeEventListener("updateend",a),e.removeEventListener("error",l)};e.addEventListener("error",l),e.addEventListener("updateend",a);try{n()}catch(u){c(),s(u)}})}enqueue(e){let n=this.queue.then(()=>{if(this.closed)throw new DOMException("closed","AbortError");return e()});return this.queue=n.catch(()=>{}),n}};var ma=72*3600,pa=45,Vl=2.5,Bl=250,Ul=2e3,Ze=class{constructor(e,n,r){this.element=e;this.footage=n;this.on=r;this.buffer=new _t(e,ma)}element;footage;on;buffer;clearing=null;session=null;filling=!1;retryAtMs=0;closed=!1;get started(){return this.session!==null}close(){this.closed=!0,this.buffer.close(),this.element.removeAttribute("src"),this.element.load()}renew(){this.buffer.close(),this.buffer=new _t(this.element,ma),this.session=null,this.clearing=null,this.retryAtMs=0}track(){let e=this.session?.segment;return e==null?null:this.footage.segments.get(e)?.track??null}moved(){let{session:e}=this,n=e?.segment===null||e?.segment===void 0?void 0:this.footage.segments.get(e.segment);return e!==null&&n!==void 0&&Math.abs(n.media_origin_ms-e.originMs)>Bl}reaches(e,n){let{session:r}=this;if(!r||e<r.fromMs)return!1;let a=this.footage.segments.get(r.next.id)?.chunks[r.next.chunk];return!a||e-a.from_ms<=n}isPast(e){let{session:n}=this,s=(n?this.footage.segments.get(n.next.id):void 0)?.chunks[n?.next.chunk??0];return n!==null&&!this.filling&&(!s||s.from_ms>e)}start(e){let n=this.on.segments(),r=Ye(n,this.footage.damages,e),s=r===null?null:Fe(n,r);if(this.session=null,!s)return;let a=this.buffer.remove(0,Number.POSITIVE_INFINITY).catch(()=>{});this.clearing=a,a.then(()=>{this.clearing===a&&(this.clearing=null)});let l=bo(n,s),c=n[l.segment]?.id,u=Math.min(e,n[l.segment]?.chunks[l.chunk]?.from_ms??e);c!==void 0&&(this.session={next:{id:c,chunk:l.chunk},fromMs:u,segment:null,originMs:0})}async fill(e){if(this.filling||performance.now()<this.retryAtMs)return;this.filling=!0;let{buffer:n}=this;try{for(;!this.closed&&await this.step(e););}catch{n===this.buffer&&(this.retryAtMs=performance.now()+Ul)}finally{this.filling=!1}}async step(e){let{session:n,on:r}=this;if(!n)return!1;let s=this.buffer.aheadOf(r.secs(r.atMs()));if(s>e)return!1;let a=r.segments(),l=a.findIndex(({id:w})=>w===n.next.id),c=a[l];if(!c)return!1;let u=a[l+1],p=fo(c,n.next.chunk);if(!p)return u&&(n.next={id:u.id,chunk:0}),u!==void 0;if(!p.signed&&p.segment.state!=="stored"&&s>Vl)return!1;this.footage.requestCheck(c.id);let d;try{d=await this.footage.pieces(p)}catch(w){if(!(w instanceof we)||n!==this.session)throw w;return n.next={id:c.id,chunk:c.chunks.length},!0}if(n!==this.session)return!0;let h=d.pieces.flatMap(({data:w})=>w?[w]:[]);r.shown(c,p.first,d.pieces);let f=n.segment!==c.id;n.segment=c.id,n.originMs=c.media_origin_ms,n.next={id:c.id,chunk:p.last+1};let m=d.pieces.some(({data:w})=>!w),g=f||m?d.init:null,x=`${re(c)?"audio":"video"}/mp4; codecs="${d.codec}"`;await this.buffer.append(x,g,r.secs(c.media_origin_ms),h).catch(w=>{throw w instanceof DOMException&&w.name==="NotSupportedError"&&r.unsupported(d.codec),w}),r.appended();let b=this.element.currentTime-pa;return r.settled()&&b>0&&(n.fromMs=Math.max(n.fromMs,r.atMs()-pa*1e3),await this.buffer.remove(0,b)),!0}};var zl=48e3;function fa(t){try{let e=et(t,0,t.length,"moof"),n=et(t,e.body,e.end,"traf"),r=et(t,n.body,n.end,"tfdt"),s=tt(t,r.body,r)>>>24!==0,a=tt(t,r.body+4,r),l=s?a*2**32+tt(t,r.body+8,r):a,u=Ao(t,n.body,n.end).filter(({name:d})=>d==="trun").reduce((d,h)=>d+tt(t,h.body+4,h),0),p=et(t,e.end,t.length,"mdat");return{fromSecs:l/zl,lengthSecs:u*jl(t.subarray(p.body,p.end))}}catch(e){if(e instanceof To)return null;throw e}}function jl(t){let[e=0,n=0]=t,r=e>>3,s=r<12?[10,20,40,60]:r<16?[10,20,10,20]:[2.5,5,10,20];return([1,2,2,n&63][e&3]??1)*(s[r&3]??20)/1e3}var pn=class{list=[];endSecs=null;add({fromSecs:e,lengthSecs:n}){let r=this.endSecs===null?0:e-this.endSecs;r>0&&this.list.push({atSecs:e,bySecs:r}),this.endSecs=e+n}cut(){this.list=[],this.endSecs=null}between(e,n){return this.list.reduce((r,{atSecs:s,bySecs:a})=>e<s&&s<=n?r+a:r,0)}};function ha({running:t,rate:e,covered:n,seeking:r,apartSecs:s,slipSecs:a,correction:l}){if(!n||e>2)return{play:!1,rate:e,setAhead:null};let c=Math.abs(s);if(r&&c<1)return{play:t,rate:e,setAhead:null};if(!t)return{play:!1,rate:e,setAhead:c>.03?0:null};if(c>.2||a>.04)return{play:!0,rate:e,setAhead:.05*e};let u=l!==0&&Math.sign(l)===-Math.sign(s);if(c<.008||c<.03&&!u)return{play:!0,rate:e,setAhead:null};let p=Math.min(.08,Math.max(.01,c*.6));return{play:!0,rate:e*(1-Math.sign(s)*p),setAhead:null}}var Hl=20,ql=100,Kl=5e3,Wl=4e3,fn=class{constructor(e,n,r,s,a,l,c){this.audio=e;this.footage=n;this.clock=s;this.changed=a;this.state={...c,track:null,unsupported:null},e.preservesPitch=!0,this.feed=new Ze(e,n,{secs:r,segments:()=>this.segments(),atMs:()=>this.picture?.atMs??0,settled:()=>this.picture?.settled??!1,appended:()=>this.follow(),shown:(u,p,d)=>{l(u,p,d);let h=r(u.media_origin_ms);for(let{data:f}of d){let m=f&&fa(new Uint8Array(f));m&&this.slips.add({...m,fromSecs:h+m.fromSecs})}},unsupported:u=>{this.state.unsupported=u,this.changed()}}),this.timer=setInterval(()=>this.follow(),ql),e.addEventListener("error",this.failed);for(let u of["seeked","playing"])e.addEventListener(u,this.follow)}audio;footage;clock;changed;state;feed;timer;picture=null;slips=new pn;setSecs=0;holeAtMs=Number.NEGATIVE_INFINITY;closed=!1;close(){this.closed=!0,clearInterval(this.timer),this.audio.removeEventListener("error",this.failed);for(let e of["seeked","playing"])this.audio.removeEventListener(e,this.follow);this.audio.pause(),this.feed.close()}set({volume:e,muted:n}){this.state.volume=Math.min(1,Math.max(0,e)),this.state.muted=n,this.follow()}audible(e){return!this.state.muted&&this.state.volume>0&&e<=2}keep(e){let[n]=he(this.footage.segments.values(),re);this.state.track=n??null,this.picture=e,this.follow()}segments(){return this.state.track===null?[]:cn(this.footage.segments.values(),this.state.track)}follow=()=>{let{audio:e,feed:n,picture:r}=this;if(this.closed)return;if(e.volume=this.state.volume,e.muted=this.state.muted,!r||this.state.track===null||this.state.unsupported!==null||!this.audible(r.rate)){e.paused||e.pause();return}let s=this.clock(),a=r.settled&&n.clearing===null?n.buffer.around(s):null,l=a!==null&&a[0]<=s;this.fetch(r.atMs,l);let c={running:r.running,rate:r.rate,covered:l,seeking:e.seeking,apartSecs:e.currentTime-s,slipSecs:this.slips.between(this.setSecs,e.currentTime),correction:e.playbackRate-r.rate},u=ha(c);Math.abs(e.playbackRate-u.rate)>.002&&(e.playbackRate=u.rate),u.setAhead!==null&&(this.setSecs=Math.min(s+u.setAhead,Math.max(s,(a?.[1]??s)-.05)),e.currentTime=this.setSecs),u.play&&e.paused?e.play().catch(()=>{}):!u.play&&!e.paused&&e.pause()};fetch(e,n){let{feed:r}=this,s=r.clearing?null:Ye(this.segments(),this.footage.damages,e),a=!r.started||r.moved()||(r.track()??this.state.track)!==this.state.track||!(n||r.reaches(e,Wl)),l=!n&&s!==null&&s<=e&&r.isPast(e)&&performance.now()-this.holeAtMs>Kl;s!==null&&(a||l)&&(l&&(this.holeAtMs=performance.now()),this.slips.cut(),r.start(e)),r.fill(Hl)}failed=()=>{let{error:e}=this.audio;if(this.closed||!e)return;let n=this.segments(),r=Fe(n,this.picture?.atMs??0),s=r&&n[r.segment],a=r&&s?.chunks[r.chunk];s&&a&&this.footage.damage(s,a.from_ms,a.from_ms+a.duration_ms,"decode",e.message),this.slips.cut(),this.feed.renew()}};var Xe=[.5,1,1.5,2,4,8],Gl=12*36e5,ga=5e3,Jl=12e3,ba=1.2,gn=class{constructor(e,n,r,s,a){this.video=e;this.footage=r;this.changed=s;this.originMs=r.recording.starts_ms-Gl,this.state={track:a.track,soundOnly:!1,atMs:a.atMs,playing:!1,waiting:!1,rate:1,live:!1,autoJump:a.autoJump,jumped:null,gap:null,unsigned:!1,unsupported:null},this.chosen=a.track!==null,this.feed=new Ze(e,r,{secs:this.secs,segments:()=>this.segments(),atMs:()=>this.state.atMs,settled:()=>this.pendingMs===null,appended:()=>this.place(),shown:this.noteTails,unsupported:l=>this.state.unsupported=l}),this.sound=new fn(n,r,this.secs,()=>e.currentTime,s,this.noteTails,a.sound),this.pendingMs=a.atMs,this.timer=setInterval(()=>this.tick(),200);for(let l of["timeupdate","waiting","playing","seeked"])e.addEventListener(l,this.tick);e.addEventListener("error",this.failed)}video;footage;changed;state;feed;sound;timer;tails=new Map;originMs;pendingMs=null;chosen=!1;closed=!1;close(){this.closed=!0,clearInterval(this.timer);for(let e of["timeupdate","waiting","playing","seeked"])this.video.removeEventListener(e,this.tick);this.video.removeEventListener("error",this.failed),this.feed.close(),this.sound.close()}get heard(){return this.sound.state}setSound(e){this.sound.set(e),this.tick()}play(){this.state.playing=!0,this.resume(),this.tick()}pause(){this.state.playing=!1,this.state.live=!1,this.video.pause(),this.tick()}setRate(e){this.state.rate=e,e!==1&&(this.state.live=!1),this.video.defaultPlaybackRate=e,this.video.playbackRate=e,this.changed()}setAutoJump(e){this.state.autoJump=e,this.tick()}dismiss(){this.state.jumped=null,this.changed()}setTrack(e){e!==this.state.track&&(this.chosen=!0,this.choose(e),this.seek(this.state.atMs))}follow(){let e=Je(this.segments());e!==null&&(this.setRate(1),this.seek(e-ga),this.state.live=!0,this.play())}seek(e){this.state.live=!1,this.state.jumped=null,this.go(e)}shownMs(){let{state:e,video:n}=this;return e.soundOnly||this.pendingMs!==null||this.feed.clearing||e.gap||n.seeking||n.readyState<2?null:this.msAt(n.currentTime)}tick=()=>{if(this.closed)return;this.findTrack();let{state:e,video:n}=this;this.pendingMs===null&&n.readyState>0&&(e.atMs=this.msAt(n.currentTime)),(!this.feed.started||this.feed.moved())&&this.restart(e.atMs),this.place(),this.findGap(),this.followEdge(),this.showSigned(),e.waiting=e.playing&&!e.gap&&n.readyState<3,e.playing&&n.paused&&!e.gap&&this.resume(),this.keepSound(),this.feed.fill(20+10*e.rate),this.changed()};segments(){return this.state.track===null?[]:cn(this.footage.segments.values(),this.state.track)}findTrack(){let{state:e,footage:n}=this;if(this.chosen||e.track!==null&&!e.soundOnly)return;let[r]=he(n.segments.values(),bt),s=r??e.track??he(n.segments.values(),re)[0];s!==void 0&&s!==e.track&&this.choose(s)}choose(e){let{state:n,footage:r}=this,s=[...r.segments.values()].some(a=>a.track===e&&re(a));(s!==n.soundOnly||n.unsupported!==null)&&(this.feed.renew(),this.pendingMs=n.atMs),n.track=e,n.soundOnly=s,n.unsupported=null}keepSound(){let{state:e,video:n,sound:r}=this,s=this.pendingMs===null&&!this.feed.clearing&&!e.gap&&!n.seeking&&n.readyState>=2;r.keep(e.soundOnly?null:{atMs:e.atMs,rate:e.rate,settled:s,running:s&&e.playing&&!n.paused&&n.readyState>=3}),n.muted=!e.soundOnly||!r.audible(e.rate),n.volume=r.state.volume}secs=e=>(e-this.originMs)/1e3;msAt=e=>e*1e3+this.originMs;go(e){this.state.gap=null,this.state.atMs=e,this.feed.started&&!this.feed.clearing&&this.feed.buffer.around(this.secs(e))&&!this.trackChanged()?(this.pendingMs=null,this.video.currentTime=this.secs(e)):this.restart(e),this.tick()}trackChanged(){let e=this.feed.track();return e!==null&&e!==this.state.track}restart(e){this.pendingMs=e,this.feed.start(e)}place(){if(this.pendingMs===null||this.feed.clearing)return;let e=this.secs(this.pendingMs);this.feed.buffer.around(e)&&(this.pendingMs=null,this.video.currentTime=e,this.setRate(this.state.rate),this.state.playing&&this.resume())}resume(){this.video.play().catch(()=>{})}noteTails=(e,n,r)=>{for(let[s,a]of r.entries())this.noteTail(e,n+s,a.cover==="tail")};noteTail(e,n,r){let s=e.chunks[n];if(!s)return;let a=this.tails.get(e.id),l=s.from_ms+s.duration_ms;r&&this.tails.set(e.id,{fromMs:Math.min(a?.fromMs??s.from_ms,s.from_ms),toMs:Math.max(a?.toMs??l,l)})}showSigned(){let e=this.state.atMs;this.state.unsigned=[...this.tails].some(([n,{fromMs:r,toMs:s}])=>{let a=this.footage.checks.get(n)?.signedMs??0;return r<=e&&e<s&&a<=e});for(let n of this.tails.keys())this.footage.requestCheck(n)}findGap(){let{state:e}=this,{buffer:n}=this.feed;if(this.feed.clearing)return;let r=this.secs(e.atMs),s=n.around(r),a=s!==null&&e.playing&&this.video.readyState<3&&s[1]-r<.3;if(s&&!a){e.gap=null;return}let l=a?this.msAt(s[1])+100:e.atMs,c=n.nextStart(r),u=this.segments(),p=Ye(u,this.footage.damages,l);if(c!==null&&c-r<ba){this.pendingMs=null,this.video.currentTime=c+.01;return}if(p!==null&&p-e.atMs<ba*1e3){this.feed.started||this.restart(e.atMs),e.gap=null,p>e.atMs&&this.pendingMs!==null&&(this.pendingMs=p+10);return}if(p===null){let d=Je(u);if(d!==null&&e.atMs-d<1500&&e.atMs>=d&&this.footage.recording.state==="recording")return;e.gap={fromMs:e.atMs,toMs:null}}else if(e.autoJump){let d={fromMs:e.atMs,toMs:p};this.go(p+10),e.jumped=d}else e.gap={fromMs:e.atMs,toMs:p}}followEdge(){let{state:e}=this;if(!e.live)return;let n=Je(this.segments());n!==null&&n-e.atMs>Jl&&(this.go(n-ga),e.live=!0)}failed=()=>{if(this.closed||!this.video.error)return;let e=this.segments(),n=Fe(e,this.state.atMs),r=n&&e[n.segment],s=n&&r?.chunks[n.chunk];r&&s&&this.footage.damage(r,s.from_ms,s.from_ms+s.duration_ms,"decode",this.video.error.message),this.feed.renew(),this.restart(this.state.atMs)}};var bn=class{worker=new Worker("/media-worker.js",{type:"module"});waiting=new Map;last=0;constructor(){this.worker.onerror=e=>this.rejectAll(new Error(e.message||"the media worker did not start")),this.worker.onmessage=e=>{let{id:n,answer:r,trouble:s,status:a}=e.data,l=this.waiting.get(n);this.waiting.delete(n),r?l?.resolve(r):a!==void 0?l?.reject(new D(a,s?.message??"")):l?.reject(new we(s?.fault??"malformed",s?.message??"the media worker failed"))}}open(e){return this.ask({op:"open",...e})}pieces(e){return this.ask({op:"pieces",...e})}check(e){return this.ask({op:"check",...e})}close(){this.worker.terminate(),this.rejectAll(new DOMException("closed","AbortError"))}rejectAll(e){for(let{reject:n}of this.waiting.values())n(e);this.waiting.clear()}ask(e){let n=++this.last;return new Promise((r,s)=>{this.waiting.set(n,{resolve:r,reject:s});let a={id:n,request:e};this.worker.postMessage(a)})}};var vo=t=>({originMs:t.media_origin_ms,fromMs:t.from_ms,toMs:t.to_ms,chunks:t.chunks}),ya=(t,e)=>Math.abs(t-e)<=3;function wa(t){let e=({originMs:r,originUs:s})=>r-Math.floor(s/1e3),[n]=t;return n===void 0||t.every(r=>ya(e(r),e(n)))||t.every(r=>ya(e(r),r.wallMinusBootMs??e(r)))}var Yl=2e3,yn=class{constructor(e,n,r,s){this.recording=e;this.me=n;this.review=r;this.changed=s}recording;me;review;changed;segments=new Map;checks=new Map;damages=[];refusedCertificates=[];obstacle=null;clockSkewMs=0;client=null;revision=0;openRuns=new Set;toCheck=[];checking=!1;timer;stopped=!1;start(){this.poll()}update(e){this.recording=e,this.changed()}stop(){this.stopped=!0,clearTimeout(this.timer),this.client?.close(),this.client=null}nowMs(){return Date.now()+this.clockSkewMs}async pieces(e){let{segment:n,first:r,last:s,from:a,to:l}=e,c=n.chunks.slice(r,s+1);try{if(!this.client)throw new DOMException("closed","AbortError");let u=await this.client.pieces({segment:ho(n),from:a,to:l,index:{...vo(n),chunks:c}});for(let{fromMs:d,toMs:h,message:f}of u.differences)this.damage(n,d,h,"index",f);let p=Qs(e,u);for(let[d,h]of u.pieces.entries()){let f=c[d],m=p[d];!f||!m||(h.data=null,this.damage(n,f.from_ms,f.from_ms+f.duration_ms,m,u.trouble?.message??""))}return u}catch(u){throw u instanceof we?this.damage(n,n.from_ms,n.to_ms,u.fault,u.message):this.report(u),u}}requestCheck(e){let n=this.segments.get(e),r=this.checks.get(e);!n||this.toCheck.includes(e)||r?.answer.trouble||r?.of===n&&(r.whole||r.answer.checkedTo>=n.size_bytes&&!Ge(n))||(this.toCheck.push(e),this.runChecks())}damage(e,n,r,s,a){let{id:l,track:c,sequence:u}=e,p=h=>h.segment===l&&h.fault==="index"==(s==="index");this.damages.find(h=>p(h)&&h.fromMs<=n&&r<=h.toMs)||(this.damages=ta(this.damages,{segment:l,track:c,sequence:u,fromMs:n,toMs:r,fault:s,message:a}),this.changed())}async runChecks(){if(!this.checking){this.checking=!0;for(let e=this.toCheck[0];e!==void 0&&this.client;e=this.toCheck[0]){let n=this.segments.get(e);n&&await this.checkOne(n),this.toCheck=this.toCheck.filter(r=>r!==e)}this.checking=!1}}async checkOne(e){try{let n=await this.client.check({segment:ho(e),index:vo(e)}),r=e.chunks.filter(({offset:a,len:l})=>a+l<=n.signedTo).at(-1),s=r?r.from_ms+r.duration_ms:e.from_ms;this.checks.set(e.id,{answer:n,signedMs:s,whole:n.closing!==null,of:e}),n.trouble?this.blame(e,n):Ge(e)||this.blameUnsigned(e,n);for(let{fromMs:a,toMs:l,message:c}of n.differences)this.damage(e,a,l,"index",c);this.comparePlaces(e),this.changed()}catch(n){n instanceof we?this.damage(e,e.from_ms,e.to_ms,n.fault,n.message):this.report(n)}}blame(e,n){let{fault:r,message:s}=n.trouble,a=e.chunks.find(({offset:c,len:u})=>c+u>n.checkedTo),l=a?.from_ms??e.to_ms-1e3;this.damage(e,l,a?l+a.duration_ms:e.to_ms,r,s)}blameUnsigned(e,{signedTo:n,checkedTo:r}){let s=e.chunks.findIndex(({offset:a})=>a>=n);if(!(s<0))for(let{offset:a,from_ms:l,duration_ms:c}of e.chunks.slice(go(e,s)))a<r&&this.damage(e,l,l+c,"unsigned","no signature for more than 6 s")}comparePlaces(e){let n=[...this.checks].flatMap(([r,{answer:s}])=>{let a=this.segments.get(r);return a?.run===e.run?[{originMs:a.media_origin_ms,originUs:s.originUs,wallMinusBootMs:s.wallMinusBootMs}]:[]});wa(n)||this.damage(e,e.from_ms,e.to_ms,"index","the run's segments are not placed by one clock")}async poll(){try{let n=await Le.segments(this.recording.id,this.revision);if(this.stopped)return;this.clockSkewMs=n.now_ms-Date.now(),this.revision=n.revision;for(let r of n.segments)this.segments.set(r.id,r);if(await this.openNewRuns(),this.stopped)return;this.noteRefused(),this.obstacle=null;for(let r of this.checks.keys())this.requestCheck(r);for(let r of this.segments.values())Ee(r)&&Ge(r)&&r.chunks.length===0&&this.requestCheck(r.id)}catch(n){if(this.stopped)return;this.report(n)}this.changed(),!(this.recording.state==="expired"||this.obstacle?.kind==="expired"||this.obstacle?.kind==="signed-out")&&!this.stopped&&(this.timer=setTimeout(()=>{this.poll()},Yl))}async openNewRuns(){let e=new Set([...this.segments.values()].map(({run:c})=>c));if(this.client&&[...e].every(c=>this.openRuns.has(c)))return;let n=await A.keys(this.recording.id);if(!await Eo(n.institution,this.me.institution))throw new we("certificate","the keys belong to another institution");this.client??=new bn;let r=[...this.segments.values()].map(({from_ms:c})=>c),s=Math.min(this.recording.starts_ms,this.nowMs(),...r),a={exam:this.recording.exam.id,recording:this.recording.id,fromMs:s,toMs:Math.max(s,Math.round(this.nowMs()))},l=await this.client.open({keys:n,scope:a,review:this.review});this.refusedCertificates=l.certificates;for(let c of n.runs)this.openRuns.add(c.run);for(let{run:c,trouble:u}of l.refused)for(let p of this.segments.values())p.run===c&&this.damage(p,p.from_ms,p.to_ms,u.fault,u.message)}noteRefused(){for(let e of this.segments.values())e.state==="refused"&&this.damage(e,e.from_ms,e.to_ms,"malformed","refused by the server");if(this.recording.state!=="expired")for(let{run:e,track:n,sequence:r}of ea([...this.segments.values()].filter(Ee))){let s=[...this.segments.values()].filter(a=>a.run===e&&a.track===n&&a.sequence>r).sort((a,l)=>a.sequence-l.sequence)[0];if(s){let a={...s,id:-s.id,sequence:r};this.damage(a,s.from_ms-1,s.from_ms,"cut-out",`segment ${r} is not on the server`)}}}report(e){if(!(e instanceof DOMException&&e.name==="AbortError")){if(e instanceof D){let n={401:"signed-out",403:"forbidden",404:"expired",410:"expired"};this.obstacle={kind:n[e.status]??"offline"}}else this.obstacle={kind:"keys",message:e instanceof Error?e.message:String(e)};this.changed()}}};var va="invigil.auto-jump",ka="invigil.sound";function _a(t,e,n){let r=H(null),s=H(null),a=H(null),[,l]=y(0);E(()=>{if(!r.current||!s.current)return;let u=0,p=()=>{u||=requestAnimationFrame(()=>{u=0,l(g=>g+1)})},d=new yn(t,n,e,()=>{a.current?.controller.tick(),p()}),h=dt(location.hash),f=Zl(t,h.page==="recording"?h.atSecs:null),m=new gn(r.current,s.current,d,p,{track:null,atMs:f,autoJump:Xl(),sound:Ql()});return a.current={footage:d,controller:m},d.start(),()=>{cancelAnimationFrame(u),m.close(),d.stop(),a.current=null}},[]),E(()=>a.current?.footage.update(t),[t]),E(()=>{let u=({newURL:p})=>{let d=dt(new URL(p).hash);d.page==="recording"&&d.id===t.id&&d.atSecs!==null&&a.current?.controller.seek(t.starts_ms+d.atSecs*1e3)};return addEventListener("hashchange",u),()=>removeEventListener("hashchange",u)},[t.id,t.starts_ms]);let c=a.current?.controller.state??null;return{video:r,audio:s,state:c,footage:a.current?.footage??null,controller:a.current?.controller??null}}function Zl(t,e){if(e!==null)return t.starts_ms+e*1e3;let n=t.footage.reduce((r,{from_ms:s})=>Math.min(r,s),Number.POSITIVE_INFINITY);return Number.isFinite(n)?n:t.starts_ms}function Xl(){try{return localStorage.getItem(va)!=="off"}catch{return!0}}function xa(t){try{localStorage.setItem(va,t?"on":"off")}catch{}}function Ql(){try{let{volume:t,muted:e}=JSON.parse(sessionStorage.getItem(ka)??"{}");return{volume:typeof t=="number"&&t>=0&&t<=1?t:1,muted:e===!0}}catch{return{volume:1,muted:!1}}}function Ma({volume:t,muted:e}){try{sessionStorage.setItem(ka,JSON.stringify({volume:t,muted:e}))}catch{}}function Sa(t,e){history.replaceState(null,"",`#/recording/${t}?t=${Math.floor(e)}`)}function xt(t,e){let{volume:n,muted:r}=t.heard;t.setSound({volume:n,muted:r,...e}),Ma(t.heard)}function $a({controller:t,rate:e}){let{track:n,muted:r,volume:s,unsupported:a}=t.heard;if(n===null||a!==null)return null;let l=Math.round(s*100),c=r||s===0;return o("div",{class:"inline sound",children:[o("button",{type:"button","data-test":"mute","aria-pressed":r,"aria-label":i("player-mute"),title:i("player-mute"),onClick:()=>xt(t,{muted:!r}),children:o("svg",{viewBox:"0 0 16 16",width:"16",height:"16","aria-hidden":"true",children:[o("path",{class:"filled",d:"M2 6h3l4-4v12L5 10H2z"}),o("path",{class:"drawn",d:c?"M11 6l4 4M15 6l-4 4":"M11 6q2 2 0 4M12.500 4q4 4 0 8"})]})}),o("label",{class:"inline",children:[i("player-volume"),o("input",{type:"range",name:"volume",min:"0",max:"100",step:"5",value:String(r?0:l),"aria-valuetext":i("player-volume-value",{percent:r?0:l}),onInput:u=>xt(t,{volume:Number(u.currentTarget.value)/100,muted:!1})})]}),e>2&&o("span",{class:"hint","data-test":"too-fast",children:i("player-sound-too-fast",{rate:2})})]})}function Ea({controller:t,state:e,footage:n,recording:r,offsetSecs:s,stage:a}){let l=[...he(n.segments.values(),bt).map(d=>({track:d,name:d})),...he(n.segments.values(),re).map(d=>({track:d,name:i("player-sound-only",{track:d})}))],c=r.state==="recording"||r.state==="offline",u=d=>{xa(d),t.setAutoJump(d)},p=()=>{document.fullscreenElement?document.exitFullscreen():a.current?.querySelector(".stage")?.requestFullscreen()};return o("div",{class:"controls",children:[o("div",{class:"group",children:[o("button",{type:"button",onClick:()=>t.seek(e.atMs-1e4),"aria-label":i("player-back"),title:i("player-back"),children:"−10"}),o("button",{type:"button",class:"primary play","data-test":"play","aria-label":i(e.playing?"player-pause":"player-play"),onClick:()=>e.playing?t.pause():t.play(),children:o("svg",{viewBox:"0 0 16 16",width:"16",height:"16","aria-hidden":"true",children:o("path",{d:e.playing?"M3 2h4v12H3zM9 2h4v12H9z":"M4 2l10 6-10 6z"})})}),o("button",{type:"button",onClick:()=>t.seek(e.atMs+1e4),"aria-label":i("player-forward"),title:i("player-forward"),children:"+10"})]}),c&&o("button",{type:"button",class:e.live?"toggle on":"toggle","data-test":"live","aria-pressed":e.live,title:i("player-live-hint"),onClick:()=>t.follow(),children:[o("span",{class:"dot","aria-hidden":"true"})," ",i("player-live")]}),o("label",{class:"inline",children:[i("player-speed"),o("select",{"data-test":"speed",value:String(e.rate),onChange:d=>t.setRate(Number(d.currentTarget.value)),children:Xe.map(d=>o("option",{value:String(d),children:[d,"×"]},d))})]}),o($a,{controller:t,rate:e.rate}),l.length>1&&o("label",{class:"inline",children:[i("player-track"),o("select",{"data-test":"track",value:e.track??"",onChange:d=>t.setTrack(d.currentTarget.value),children:l.map(({track:d,name:h})=>o("option",{value:d,children:h},d))})]}),o(ec,{controller:t,atMs:e.atMs,exampleMs:r.starts_ms,offsetSecs:s}),o("label",{class:"inline check",children:[o("input",{type:"checkbox","data-test":"auto-jump",checked:e.autoJump,onChange:d=>u(d.currentTarget.checked)}),i("player-auto-jump")]}),o("button",{type:"button",onClick:p,children:i("player-fullscreen")})]})}function ec(t){let{controller:e,atMs:n,exampleMs:r,offsetSecs:s}=t,[a,l]=y(""),[c,u]=y(!1);return o("form",{class:"inline go-to",onSubmit:d=>{d.preventDefault();let h=Ut(a,n,s);u(h===null),h!==null&&(e.seek(h),l(""))},children:[o("label",{class:"inline",children:[i("player-go-to"),o("input",{name:"time",class:"time",inputMode:"numeric",autocomplete:"off",placeholder:R(r,s),value:a,"aria-invalid":c,"aria-describedby":c?"go-wrong":void 0,onInput:d=>l(d.currentTarget.value)})]}),o("button",{type:"submit",children:i("player-go")}),c&&o("span",{class:"field-error",id:"go-wrong",role:"alert",children:i("player-go-wrong",{example:R(r,s)})})]})}function Ta({footage:t,offsetSecs:e,onSeek:n}){let r=[...t.segments.values()].filter(Ee),s=r.filter(({id:a})=>t.checks.get(a)?.whole).length;return o(C,{children:[t.damages.length>0&&o("section",{class:"message bad",role:"alert","data-test":"damaged","aria-labelledby":"damaged-title",children:[o("h2",{id:"damaged-title",children:i("player-damaged")}),o("ul",{children:t.damages.map(a=>o("li",{children:o("button",{type:"button",class:"link",onClick:()=>n(a.fromMs-3e3),children:i("player-damage",{segment:a.sequence,track:a.track,from:R(a.fromMs,e),to:R(a.toMs,e),fault:F(`fault-${a.fault}`,"fault-malformed")})})},`${a.segment} ${a.fromMs} ${a.fault}`))})]}),t.refusedCertificates.length>0&&o("details",{class:"message warn",children:[o("summary",{children:i("player-certificates",{count:t.refusedCertificates.length})}),o("ul",{children:t.refusedCertificates.map((a,l)=>o("li",{children:a},l))})]}),r.length>0&&o("p",{class:"hint","data-test":"verified",children:i("player-verified",{checked:s,total:r.length})})]})}var tc=1e4;function Aa({recording:t,review:e,me:n,onSignedOut:r}){let{video:s,audio:a,state:l,footage:c,controller:u}=_a(t,e,n),p=da(t,u,s),d=H(null),h=t.exam.utc_offset_secs,f=l?.atMs??t.starts_ms,m=c?.nowMs()??t.now_ms,g=Math.floor(m/1e3),x=ct(()=>dn(t,c?.segments.values()??[],c?.damages??[],m),[t,c?.damages,c?.segments.size,g]);E(()=>d.current?.focus({preventScroll:!0}),[]),E(()=>{c?.obstacle?.kind==="signed-out"&&r()},[c?.obstacle]),E(()=>{let v=setInterval(()=>{let M=u?.state;M&&document.visibilityState==="visible"&&Sa(t.id,(M.atMs-t.starts_ms)/1e3)},2e3);return()=>clearInterval(v)},[u]),E(()=>{if(!l?.jumped)return;let v=setTimeout(()=>u?.dismiss(),tc);return()=>clearTimeout(v)},[l?.jumped]);let b=v=>u?.seek(v),w=()=>l?.playing?u?.pause():u?.play();return o("section",{ref:d,class:"player",tabIndex:-1,"aria-label":i("player-title"),onKeyDown:v=>u&&oc(v,u,t,c,d.current,p),children:[o("div",{class:"stage",children:[o("video",{ref:s,muted:!0,playsInline:!0,disablePictureInPicture:!0,"aria-label":i("player-video",{who:t.who}),onClick:w}),o("audio",{ref:a}),o("div",{class:"stage-top",children:[o("span",{class:"stage-time","data-test":"clock",children:[J(f,h)," ",R(f,h)]}),l?.live&&o("span",{class:"chip live",children:i("player-live")}),l?.soundOnly&&o("span",{class:"chip","data-test":"sound-only",children:i("player-sound-only",{track:l.track??""})}),l?.unsigned&&o("span",{class:"chip warn","data-test":"unsigned",children:i("player-unsigned")})]}),o(nc,{footage:c,controller:u,recording:t,offsetSecs:h})]}),u&&l&&c&&o(Ea,{controller:u,state:l,footage:c,recording:t,offsetSecs:h,stage:d}),u?.heard.unsupported&&o("p",{class:"message warn",role:"status","data-test":"sound-unsupported",children:i("player-sound-unsupported",{codec:u.heard.unsupported})}),o("div",{class:"live-region",role:"status","data-test":"notice",children:l?.jumped&&o("p",{class:"message warn notice",children:[i("player-jumped",{length:te(l.jumped.toMs-l.jumped.fromMs),from:R(l.jumped.fromMs,h),to:R(l.jumped.toMs,h),cause:Ca(t,c,l.track,l.jumped.fromMs,l.jumped.toMs)}),o("button",{type:"button",class:"small",onClick:()=>u?.dismiss(),"aria-label":i("close"),children:"×"})]})}),o(un,{model:x,atMs:f,offsetSecs:h,deadlineOffsetSecs:kt(t),onSeek:b,marks:p.collected.marks,onMove:p.move}),o(ua,{recording:t,me:n,collecting:p,atMs:f,onSeek:b}),c&&o(Ta,{footage:c,offsetSecs:h,onSeek:b}),o(ln,{model:x,offsetSecs:h,onSeek:b}),o(Yn,{me:n}),o("p",{class:"hint",children:i("player-keys")})]})}function nc(t){let{footage:e,controller:n,recording:r,offsetSecs:s}=t,a=n?.state;if(!e||!a)return null;if(e.obstacle){let{obstacle:l}=e;return o("p",{class:"stage-message",role:"alert",children:l.kind==="keys"?i("error-keys",{message:l.message}):i(`error-${l.kind}`)})}if(a.unsupported)return o("p",{class:"stage-message",role:"alert",children:i("player-unsupported",{codec:a.unsupported})});if(a.track===null)return o("p",{class:"stage-message",role:"status",children:i("player-no-footage")});if(a.gap){let{fromMs:l,toMs:c}=a.gap;return c===null?o("p",{class:"stage-message",role:"status",children:i(r.state==="recording"||r.state==="offline"?"player-gap-wait":"player-gap-end")}):o("div",{class:"stage-message",role:"status",children:[o("p",{children:i("player-gap",{cause:Ca(r,e,a.track,l,c)})}),o("button",{type:"button",onClick:()=>n?.seek(c+10),children:i("player-gap-jump",{time:R(c,s)})})]})}return a.waiting?o("p",{class:"stage-message quiet",role:"status",children:i("player-checking")}):null}function Ca(t,e,n,r,s){let a=(f,m)=>f<s&&m>r;if(e?.damages.some(f=>a(f.fromMs,f.toMs)))return i("cause-damaged");let l=f=>f.filter(({from_ms:m,to_ms:g})=>a(m,g)).sort((m,g)=>Math.min(g.to_ms,s)-Math.max(g.from_ms,r)-(Math.min(m.to_ms,s)-Math.max(m.from_ms,r)))[0],c=l(t.missing);if(c)return F(`cause-${c.cause}`,"cause-unknown");let u=t.footage.filter(({from_ms:f,to_ms:m})=>a(f,m));if(u.length===0)return i("cause-unknown");let p=new Set(he(e?.segments.values()??[],re)),d=i(u.every(f=>p.has(f.track))?"cause-only-sound":"cause-other-track"),h=l(t.track_missing.filter(f=>f.track===n));return h&&h.cause!=="unknown"?`${d} (${F(`cause-${yt(h.cause,p.has(n??""))}`,"cause-unknown")})`:d}function oc(t,e,n,r,s,a){let l=t.target;if(t.ctrlKey||t.altKey||t.metaKey||l.closest("input, select, textarea, dialog"))return;let{state:c}=e,u=m=>e.seek(c.atMs+m*1e3),p=m=>e.setRate(Xe[Math.min(Xe.length-1,Math.max(0,Xe.indexOf(c.rate)+m))]??1),d=m=>xt(e,{volume:Math.round((e.heard.volume+m)*10)/10,muted:!1}),h={k:()=>c.playing?e.pause():e.play(),j:()=>u(-10),l:()=>u(10),ArrowLeft:()=>u(t.shiftKey?-60:-5),ArrowRight:()=>u(t.shiftKey?60:5),Home:()=>e.seek(Math.min(n.starts_ms,...n.footage.map(({from_ms:m})=>m))),End:()=>Je([...r?.segments.values()??[]])===null?void 0:e.follow(),"<":()=>p(-1),">":()=>p(1),m:()=>xt(e,{muted:!e.heard.muted}),"+":()=>d(.1),"=":()=>d(.1),"-":()=>d(-.1),i:a.in,o:a.out,s:()=>{a.still()},f:()=>{document.fullscreenElement?document.exitFullscreen():s?.querySelector(".stage")?.requestFullscreen()}};if(t.key===" "&&l.closest("button, a, summary"))return;let f=t.key===" "?h.k:h[t.key]??h[t.key.toLowerCase()];f&&(t.preventDefault(),f())}var rc=["invigilator","admin"];function sc({kind:t,state:e,ended_ms:n}){return t==="room"&&(n??null)===null&&(e==="recording"||e==="offline")}function wn({recording:t,me:e}){let[n,r]=y(!1),[s,a]=y(!1);if(!sc(t))return null;let l=t.end_asked_ms??null,c=rc.includes(e.role);return l===null&&!c?null:o("div",{class:l===null?"room-end":"room-end message warn","data-test":"room-end",children:[l!==null&&o("p",{"data-test":"end-asked",children:i("collected-asked",{time:P(l,t.exam.utc_offset_secs)})}),s&&o("p",{role:"status",children:i("collected-waiting")}),c&&!s&&o("button",{type:"button","data-test":"collected",onClick:()=>r(!0),children:[i("collected-do"),o("span",{class:"sr",children:[": ",t.who]})]}),n&&o(ac,{recording:t,onClose:()=>r(!1),onDone:()=>(r(!1),a(!0))})]})}function ac({recording:t,onClose:e,onDone:n}){let{busy:r,trouble:s,run:a}=Z(ic),l=()=>{a(async()=>(await A.collected(t.id),n()))};return o(j,{title:i("collected-title",{room:t.who}),busy:r,trouble:s,action:i("collected-confirm"),danger:!0,onSubmit:l,onClose:e,children:[o("p",{children:t.exam.title}),o("p",{children:i("collected-explain")}),o("p",{class:"hint",children:i("collected-noted")})]})}function ic({body:t}){return t.error==="already-ended"?i("collected-already"):t.error==="not-begun"?i("collected-not-begun"):null}var lc=5e3,cc=["invigilator","reviewer","board","registrar","admin"];function Ra({exam:t,me:e,onSignedOut:n}){let[r,s]=y(!1),a=e.role!=="invigilator",l=async p=>{let[d,h]=await Promise.all([p.recordings(t),p.exams()]);return{recordings:d,exam:h.find(f=>f.id===t)??d[0]?.exam??null}},{value:c,error:u}=ie(l,lc,[t]);return Y(c?.exam?.title??i("recordings-title")),o(C,{children:[o("nav",{children:o("a",{href:"#/",children:["← ",i("exams-title")]})}),c?.exam&&o(C,{children:[o("div",{class:"card-head",children:[o("h1",{children:c.exam.title}),o(co,{exam:c.exam})]}),o(uo,{exam:c.exam}),cc.includes(e.role)&&o("p",{children:o("button",{type:"button",class:a?"":"primary","data-test":"on-the-spot",onClick:()=>s(!0),children:i("draw-up-on-the-spot")})}),r&&o(en,{exam:c.exam,recording:null,range:null,stills:0,me:e,onClose:()=>s(!1)})]}),o("h2",{children:i(a?"recordings-title":"people-title")}),o(X,{error:u,empty:!c,onSignedOut:n}),c?.recordings.length===0&&o("p",{class:"hint",children:i("recordings-none")}),o("ul",{class:"cards",children:c?.recordings.map(p=>o("li",{class:"card",children:[o("div",{class:"card-head",children:[o("h3",{children:a?o("a",{href:`#/recording/${p.id}`,children:p.who}):p.who}),o(ko,{recording:p})]}),o(wn,{recording:p,me:e}),a&&o(mn,{recording:p}),a&&o(ia,{recording:p}),a&&o(_o,{recording:p})]},p.id))})]})}function ko({recording:t}){return o(z,{tone:{waiting:"plain",recording:"live",offline:"warn",finished:"good",expired:"bad"}[t.state]??"plain",children:i(`recording-state-${t.state}`)})}function _o({recording:t}){let e=t.exam.utc_offset_secs,n=t.last_contact_ms;return o(je,{rows:[[i(`recording-kind-${t.kind}`),t.who],[i("recording-recorded"),te(t.recorded_ms)],[i("recording-size"),i("size-mb",{mb:Me(t.size_bytes)})],[i("recording-outages"),String(t.outages.length)],(t.ended_ms??null)===null?null:[i("recording-ended"),P(t.ended_ms,e,!0)],[i("recording-last-contact"),n===null?i("never"):P(n,e,!0)]]})}var dc=3e3;function Pa({id:t,me:e,onSignedOut:n}){let r=ee(),{value:s,error:a}=ie(p=>p.recording(t),dc,[t]),l=ct(()=>s&&dn(s,[],[],s.now_ms),[s]);if(Y(s?.who??i("player-title")),!s||!l)return o(X,{error:a,empty:!0,onSignedOut:n});let c=s.exam.utc_offset_secs,u=s.state==="expired"&&s.held.length===0;return o(C,{children:[o("nav",{children:o("a",{href:`#/exam/${s.exam.id}`,children:["← ",s.exam.title]})}),o("div",{class:"card-head",children:[o("h1",{children:s.who}),o(ko,{recording:s}),o("span",{class:"hint",children:xe(s.starts_ms,s.ends_ms,c)})]}),o(X,{error:a,empty:!1,onSignedOut:n}),o(wn,{recording:s,me:e}),o(mn,{recording:s}),o(la,{recording:s}),s.state==="expired"&&!u&&o("p",{class:"message warn",children:i("recording-held-only")}),r&&!u?o(Aa,{recording:s,review:r,me:e,onSignedOut:n}):o(C,{children:[u?o("p",{class:"message plain",children:i("error-expired")}):o(Se,{me:e}),o(un,{model:l,atMs:null,offsetSecs:c,deadlineOffsetSecs:kt(s),onSeek:null}),o(ln,{model:l,offsetSecs:c,onSeek:null})]}),o(_o,{recording:s})]})}var Oa=864e5,Da=t=>new Date(t).toISOString().slice(0,10);function Ia({onSignedOut:t}){let[e,n]=y(()=>Da(Date.now()+Oa)),[r,s]=y(()=>Da(Date.now()-180*Oa)),[a,l]=y(null),[c,u]=y([]),[p,d]=y(null);Y(i("registrar-title"));let h=r===""||e===""||r>e;return E(()=>{if(h)return;let f=!1;return d(null),A.annulments(r,e).then(m=>f||l(m),m=>f||d(m instanceof D?m:new D(0,""))),()=>{f=!0}},[r,e]),E(()=>{A.forms().then(u,()=>{})},[]),o(C,{children:[o("h1",{children:i("registrar-title")}),o("p",{class:"hint",children:i("registrar-lead")}),o("div",{class:"controls filters",children:[o("label",{class:"inline",children:[i("registrar-from")," ",o("input",{class:"day",name:"from",type:"date",value:r,max:e,onInput:f=>s(f.currentTarget.value)})]}),o("label",{class:"inline",children:[i("registrar-to")," ",o("input",{class:"day",name:"to",type:"date",value:e,min:r,onInput:f=>n(f.currentTarget.value)})]}),!h&&o("span",{class:"group",children:[o("a",{class:"button","data-test":"csv",download:!0,href:_n(r,e,"csv"),children:i("registrar-csv")}),o("a",{class:"button","data-test":"json",download:!0,href:_n(r,e,"json"),children:i("registrar-json")})]})]}),h&&o("p",{class:"field-error",role:"alert",children:i("registrar-wrong")}),o(X,{error:p,empty:!a&&!h,onSignedOut:t}),a&&o("p",{class:"hint",role:"status",children:i("registrar-count",{count:a.length})}),a&&a.length>0&&o("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("registrar-title"),children:o("table",{"data-test":"annulments",children:[o("thead",{children:o("tr",{children:["number","student","exam","points","signed","cancelled"].map(f=>o("th",{scope:"col",children:i(`registrar-${f}`)},f))})}),o("tbody",{children:a.map(f=>o("tr",{children:[o("th",{scope:"row",children:[o("a",{href:`#/act/${f.act}`,children:f.number}),o("br",{}),o("span",{class:"hint",children:ut(c,f.kind)})]}),o("td",{children:[f.student,o("br",{}),o("span",{class:"hint",children:f.student_id})]}),o("td",{children:[f.discipline,o("br",{}),o("span",{class:"hint",children:[f.title,", ",xo(f.exam_starts)]})]}),o("td",{children:f.points.map(m=>o("div",{children:Or(c,f.kind,m)},m))}),o("td",{children:xo(f.signed)}),o("td",{children:[o(uc,{row:f}),f.confirmed_by!==null&&o(C,{children:[o("br",{}),o("span",{class:"hint",children:f.confirmed_by})]}),f.repeated&&o(C,{children:[o("br",{}),o(z,{tone:"bad",children:i("act-repeated-short")})]})]})]},f.act))})]})})]})}function uc({row:t}){let{key:e,number:n}=Dr(t);return o(C,{children:[e!==null&&o(z,{tone:e==="registrar-revoked"?"bad":"warn",children:i(e,{number:n})}),e!==null&&t.cancelled!==null&&o("br",{}),t.cancelled!==null&&xo(t.cancelled)]})}function xo(t){let e=Date.parse(t.replace(/\[.*\]$/,"")),n=ge(t)??0;return Number.isNaN(e)?t:`${J(e,n)} ${R(e,n,!1)} ${fe(n)}`}function Fa(){let t=Tr(),e=Er(),[n,r]=y(null),[s,a]=y(!1),[l,c]=y(null),[u,p]=y([]);E(()=>{Sr(),Ss(),$r().then(p),A.me().then(r).catch(g=>{g instanceof D&&g.status!==401&&c(g)}).finally(()=>a(!0))},[]);let d=()=>{W.lock(),r(null)},h=async()=>{!await Ms()&&!confirm(i("draft-leave"))||(A.logout().catch(()=>{}),d(),location.hash="#/")},f=n&&e.page==="exams"?Ys(n.role):e.page;return o(C,{children:[o("a",{class:"skip",href:"#main",onClick:g=>{g.preventDefault(),document.getElementById("main")?.focus()},children:i("skip-to-content")}),o(mc,{me:n,language:t,onSignOut:()=>{h()}}),n&&o(Zs,{me:n,page:f}),o("main",{id:"main",tabIndex:-1,children:[u.length>0&&o("p",{class:"message bad",role:"alert",children:i("browser-lacks",{features:u.join(", ")})}),l&&o("p",{class:"message bad",role:"alert",children:ue(l)}),!s&&o("p",{class:"hint",role:"status",children:i("loading")}),s&&!n&&o(Gs,{onSignedIn:g=>(c(null),r(g))}),n&&o(js,{me:n,route:e}),n&&f==="exams"&&o(qs,{onSignedOut:d}),n&&e.page==="exam"&&o(Ra,{exam:e.id,me:n,onSignedOut:d},e.id),n&&f==="acts"&&o(Nr,{me:n,onSignedOut:d}),n&&e.page==="act"&&o(zs,{id:e.id,me:n,onSignedOut:d},e.id),n&&f==="holds"&&o(Ws,{me:n,onSignedOut:d}),n&&f==="registrar"&&o(Ia,{onSignedOut:d}),n&&f==="audit"&&o(Hs,{onSignedOut:d}),n&&e.page==="recording"&&o(Pa,{id:e.id,me:n,onSignedOut:d},e.id)]})]})}function mc({me:t,language:e,onSignOut:n}){return o("header",{children:[o("a",{class:"brand",href:"#/",children:[o("svg",{viewBox:"0 0 32 32",width:"28",height:"28","aria-hidden":"true",children:[o("rect",{class:"brand-ground",width:"32",height:"32",rx:"7"}),o("path",{class:"brand-line",d:"M5 16c3-5 6.700-7.500 11-7.500S24 11 27 16c-3 5-6.700 7.500-11 7.500S8 21 5 16z"}),o("circle",{class:"brand-dot",cx:"16",cy:"16",r:"3.600"})]}),o("span",{children:[i("app-name"),o("small",{children:t?.organisation??i("app-title")})]})]}),o("div",{class:"header-end",children:[t&&o(pc,{}),t&&o("span",{class:"who",title:i("signed-in-as",{name:t.name,role:F(`role-${t.role}`,"role-unknown")}),children:t.name}),o("label",{class:"language",children:[o("span",{class:"sr",children:i("language")}),o("select",{value:e,onChange:r=>dr(r.currentTarget.value),children:Ce.map(({code:r,name:s})=>o("option",{value:r,lang:r,children:s},r))})]}),t&&o("button",{type:"button",onClick:n,children:i("sign-out")})]})]})}function pc(){let t=ee(),[e,n]=y(null);return E(()=>{let r=setInterval(()=>n(Mr()),1e3);return()=>clearInterval(r)},[]),t?o("span",{class:"lock",children:[o("span",{class:"chip good",children:e===null?i("unlocked"):i("locks-soon",{seconds:Math.ceil(e/1e3)})}),o("button",{type:"button","data-test":"lock",onClick:()=>W.lock(),children:i("lock")})]}):null}document.documentElement.lang=de();var Na=document.getElementById("app");Na&&zo(o(Fa,{}),Na);
