import{A as Ut,a as U,b as D,n as Y,x as Vt,y as zt}from"./shared.js";var $,qt,vr,X,st,Fe,Ht,Oe,Kt,lt,at,kr,we=Symbol.for("pv"),De={},Ve=[],xr=/^m(i|n|o|s|text|space)$/,ut=Array.isArray,Wt=Ve.slice,le=Object.assign;function ae(t){t&&t.parentNode&&t.remove()}function Ie(t,e,n,r,i){var o={type:t,props:e,key:n,ref:r,__k:null,__:null,__b:0,__e:null,__c:null,constructor:we,__v:i||++qt,__i:-1,__u:0};return!i&&$.vnode&&$.vnode(o),o}function I(t){return t.children}function Le(t,e){this.props=t,this.context=e,this.__g=0}function Q(t,e){if(e==null)return t.__&&Q(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:Q(t)}function Mr(t){var e,n=t.__v,r=n.__e,i=[],o=[],a=t.__P;a&&((e=le({constructor:we},n)).__v=n.__v+1,$.vnode&&$.vnode(e),ct(a,e,n,t.__n,a.namespaceURI,32&n.__u?[r]:null,i,r||Q(n),32&n.__u,o),e.__v=n.__v,e.__.__k[e.__i]=e,Qt(i,e,o),n.__=n.__e=null,e.__e!=r&&Gt(e))}function Gt(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Gt(t)}function Bt(t){(8&t.__g||(t.__g|=8,X.push(t),Fe++))&&st==$.debounceRendering||((st=$.debounceRendering)||queueMicrotask)(Jt)}function Jt(){try{for(var t,e=1;X.length;)X.length>e&&X.sort(Ht),t=X.shift(),e=X.length,8&t.__g&&Mr(t)}finally{(Fe=X.length)&&(st||queueMicrotask)(Jt)}}function Zt(t,e,n,r,i,o,a,l,m,f,u){var p,h,c,b,w,M,k=r.__k||Ve,v=e.length;for(m=$r(n,e,k,m,v),p=0;p<v;p++)(c=n.__k[p])!=null&&(h=~c.__i&&k[c.__i]||De,c.__i=p,M=ct(t,c,h,i,o,a,l,m,f,u),b=c.__e,(h.ref!=c.ref||8&h.__u)&&(h.ref&&dt(h.ref,null,c,h),c.ref&&u.push(c.ref,c.__c||b,c)),w=w||b,4&c.__u?(m=Yt(c,m,t,!h.__v),h.__e&&(h.__e=null)):typeof c.type=="function"&&M!==void 0?m=M:b&&(m=b.nextSibling),c.__u&=-21);return n.__e=w,m}function $r(t,e,n,r,i){var o,a,l,m,f,u,p,h,c,b=n.length,w=b,M=0,k=0,v=t.__k=Array(i);for(o=0;o<i;o++)(a=e[o])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=v[o]=Ie(null,a):ut(a)?a=v[o]=Ie(I,{children:a}):a.constructor===we&&a.__b?a=v[o]=Ie(a.type,a.props,a.key,a.ref,a.__v):v[o]=a,m=o+M,a.__=t,a.__b=t.__b+1,l=null,~(f=a.__i=Er(a,n,m,w))&&(w--,(l=n[f])&&(l.__u|=2)),l&&l.__v?(a.__u|=16,f==m-1?M--:f==m+1?M++:f!=m&&(f>m?M--:M++,k=1)):(~f||(i>b?M--:i<b&&M++),typeof a.type!="function"&&(a.__u|=4))):v[o]=null;if(k){for(u=[],p=[],o=0;o<i;o++)if((a=v[o])&&16&a.__u){for(M=0,h=u.length;M<h;)u[c=M+h>>1]<a.__i?M=c+1:h=c;u[M]=a.__i,p[o]=M+1}for(M=u.length;o--;)p[o]&&(p[o]==M?M--:v[o].__u|=4)}if(w)for(o=0;o<b;o++)!(l=n[o])||2&l.__u||(l.__e==r&&(r=Q(l)),mt(l,l));return r}function Yt(t,e,n,r){var i,o,a,l;if(typeof t.type=="function"){if(t.props.__P)return e;if(i=t.__k)for(o=0;o<i.length;o++)i[o]&&(i[o].__=t,e=Yt(i[o],e,n,!1));return e}for(e&&!e.parentNode&&(e=Q(t))&&!e.parentNode&&(e=null),a=t.__e,l=e;l&&l.nodeType==8;)l=l.nextSibling;for(a!=l&&(!r&&n.moveBefore&&a.parentNode?n.moveBefore(a,e):n.insertBefore(a,e||null)),e=a;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function Er(t,e,n,r){var i,o=t.key,a=t.type,l=e[n],m=l&&!(2&l.__u);if(l===null&&o==null||m&&o==l.key&&a==l.type)return n;if(r>(m?1:0)){for(i=n-1;i>=0;i--)if((l=e[i])&&!(2&l.__u)&&o==l.key&&a==l.type)return i;for(i=n+1;i<e.length;i++)if((l=e[i])&&!(2&l.__u)&&o==l.key&&a==l.type)return i}return-1}function jt(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function Pe(t,e,n,r,i){var o,a;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof r=="string"&&(t.style.cssText=r=""),r)for(e in r)n&&e in n||jt(t.style,e);if(n)for(e in n)r&&n[e]==r[e]||jt(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof r!="function"&&(r=null),(t.__e||(t.__e={}))[e]=n,n&&r||(a=at[e]||(at[e]=Sr(e)),(t.__a||(t.__a={}))[e]=lt,o=e!=(e=e.replace(Kt,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,a,o):t.removeEventListener(e,a,o));else{if(i=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function Sr(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[Oe]==null)e[Oe]=lt++;else if(e[Oe]<this.__a[t])return;return n($.event?$.event(e):e)}}}function ct(t,e,n,r,i,o,a,l,m,f){var u,p,h,c,b,w,M,k,v,C,S,se,y,T,V,g,_,x,F=e.type;if(e.constructor!==we)return null;128&n.__u&&(m=32&n.__u,u=n.__c.__z)&&(e.__u|=m,p=o=[],u.nodeType==8?l=Ne(u,o):o.push(u),l=o[0]||l),(u=$.__b)&&u(e);e:if(typeof F=="function"){h=a.length;try{if(k=e.props,v=(u=F.prototype)&&u.render,C=(u=F.contextType)&&r[u.__c],S=u?C?C.props.value:u.__:r,(c=n.__c)?(e.__c=c,2&c.__g&&(c.__g|=1)):(v?e.__c=c=new F(k,S):(e.__c=c=new Le(k,S),c.constructor=F,c.render=Rr),C&&C.sub(c),c.state||(c.state={}),c.__n=r,c.__g|=8,c.__h=[],c.__k=[]),v&&(c.__s||(c.__s=c.state),F.getDerivedStateFromProps&&(c.__s==c.state&&(c.__s=le({},c.__s)),le(c.__s,F.getDerivedStateFromProps(k,c.__s)))),b=c.props,w=c.state,c.__v=e,n.__c){if(k!==b&&v&&!F.getDerivedStateFromProps&&c.componentWillReceiveProps&&c.componentWillReceiveProps(k,S),e.__v==n.__v&&!(8&c.__g)||!(4&c.__g)&&c.shouldComponentUpdate&&c.shouldComponentUpdate(k,c.__s,S)===!1){e.__v!=n.__v&&(c.props=k,c.state=c.__s,c.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(N){N&&(N.__=e)}),Ve.push.apply(c.__h,c.__k),c.__k=[],c.__h.length&&a.push(c),l=Q(n);break e}c.componentWillUpdate&&c.componentWillUpdate(k,c.__s,S),v&&c.componentDidUpdate&&c.__h.push(function(){c.componentDidUpdate(b,w,M)})}else v&&!F.getDerivedStateFromProps&&c.componentWillMount&&c.componentWillMount(),v&&c.componentDidMount&&c.__h.push(c.componentDidMount);c.context=S,c.props=k,c.__P=t,c.__g&=-5,se=$.__r,y=v?25:0;do c.__g&=-9,se&&se(e),u=c.render(c.props,c.state=c.__s,c.context);while(8&c.__g&&++y<25);v&&(Ve.push.apply(c.__h,c.__k),c.__k=[]),c.state=c.__s,c.getChildContext&&(r=le({},r,c.getChildContext())),v&&n.__c&&c.getSnapshotBeforeUpdate&&(M=c.getSnapshotBeforeUpdate(b,w)),T=u&&u.type===I&&u.key==null?u.props.children:u,k.__P&&(u=l,i=(t=k.__P).namespaceURI,m=o=null,n.props&&n.props.__P!=t&&(n.__k.some(function(N){N&&mt(N,N)}),n.__k=null),l=n.__k?Q(n,0):null),l=Zt(t,ut(T)?T:[T],e,n,r,i,o,a,l,m,f),k.__P&&(e.__e=null,l=u),e.__u&=-161,p&&p.some(ae),c.__h.length&&a.push(c),1&c.__g&&(c.__g&=-4)}catch(N){if(a.length=h,e.__v=null,m||o)if(N&&N.then){if(e.__u|=128|m,o){for(~(_=o.indexOf(l||void 0))||(_=o.length);(x=o[_-1])&&x.nodeType==8;)_--;for(;_<o.length;_++)if(x=o[_])if(o[_]=null,V){if(x==g)break}else{if(x.nodeType!=8)break;x.data.startsWith("$s")&&(g=Ne(V=x))}}if(!V){for(;l&&l.nodeType==8&&l.nextSibling;)l=l.nextSibling;V=l}(u=Ne(V=e.__c.__z||(e.__c.__z=V)))?(e.__e=V,l=u):e.__e=l,l=l&&l.nextSibling}else o&&o.some(ae);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),N&&N.then||Xt(e),$.__e(N,e,n)}}else l=e.__e=Tr(n.__e,e,n,r,i,o,a,m,f,t);return(u=$.diffed)&&u(e),l}function Ne(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function Xt(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(Xt))}function Qt(t,e,n){for(var r=0;r<n.length;)dt(n[r++],n[r++],n[r++]);$.__c&&$.__c(e,t),t.some(function(i){try{t=i.__h,i.__h=[],t.some(function(o){o.call(i)})}catch(o){$.__e(o,i.__v)}})}function Tr(t,e,n,r,i,o,a,l,m,f){var u,p,h,c,b,w,M,k,v=n.props||De,C=e.props,S=e.type;if(S=="svg"?i="http://www.w3.org/2000/svg":S=="math"?i="http://www.w3.org/1998/Math/MathML":i||(i="http://www.w3.org/1999/xhtml"),o){for(u=0;u<o.length;u++)if((b=o[u])&&(S?b.localName==S:b.nodeType==3)){t=b,o[u]=null;break}}if(!t){if(k=f.ownerDocument||document,!S)return k.createTextNode(C);t=k.createElementNS(i,S,C.is?C:f),l&&($.__m&&$.__m(e,o),l=!1),o=null}if(S){if(f=S=="template"&&t.content||t,o=S=="textarea"&&C.defaultValue!=null?null:o&&Wt.call(f.childNodes),!l&&o)for(v={},u=0;u<t.attributes.length;u++)v[(b=t.attributes[u]).name]=b.value;for(u in v)b=v[u],u=="dangerouslySetInnerHTML"?h=b:u=="children"||u in C||u=="value"&&"defaultValue"in C||u=="checked"&&"defaultChecked"in C||Pe(t,u,null,b,i);for(u in C)b=C[u],u=="children"?c=b:u=="dangerouslySetInnerHTML"?p=b:u=="value"?w=b:u=="checked"?M=b:l&&typeof b!="function"||v[u]===b||Pe(t,u,b,v[u],i);p?(l||h&&(p.__html==h.__html||p.__html==t.innerHTML)||(t.innerHTML=p.__html),e.__k=[]):(h&&(t.textContent=""),(S=="foreignObject"||i=="http://www.w3.org/1998/Math/MathML"&&xr.test(S))&&(i="http://www.w3.org/1999/xhtml"),Zt(f,ut(c)?c:[c],e,n,r,i,o,a,o?o[0]:n.__k&&Q(n,0),l,m),o&&o.some(ae)),l&&S!="textarea"||(u="value",S=="progress"&&w==null?t.removeAttribute(u):w==null||w===t[u]&&(S!="progress"||w)||Pe(t,u,w,v[u],i),u="checked",M!=null&&M!=t[u]&&Pe(t,u,M,v[u],i))}else v===C||l&&t.data==C||(t.data=C);return t}function dt(t,e,n,r){try{typeof t=="function"?e?e.__x=t(e)||1:r&&(r=r.__c||r.__e)&&(e=r.__x)&&(r.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(i){$.__e(i,n)}}function mt(t,e,n){var r,i,o,a;if($.unmount&&$.unmount(t),!(r=t.ref)||r.current&&r.current!=t.__e||dt(r,null,e,t),r=t.__c){if(r.componentWillUnmount)try{r.componentWillUnmount()}catch(l){$.__e(l,e)}r.__P=r.__n=null}if(r=t.__k)for(a=0;a<r.length;a++)r[a]&&mt(r[a],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(r=t.__c)&&(r=r.__z)&&(i=Ne(r,o=[]))&&(r==t.__e&&o.some(ae),ae(i),ae(r)),n||ae(t.__e),t.__e=t.__c=t.__=null}function Rr(t,e,n){return this.constructor(t,n)}function en(t,e){var n,r,i,o;$.__&&$.__(t,e),e.nodeType==9&&(e=e.documentElement),r=(n=t&&32&t.__u)?null:e.__k,e.__k=Ie(I,{children:[t]}),i=[],o=[],ct(e,e.__k,r||De,De,e.namespaceURI,r?null:e.firstChild?Wt.call(e.childNodes):null,i,r?r.__e:e.firstChild,n,o),Qt(i,e.__k,o),e.__k.props.children=null}$={__e:function(t,e,n,r){for(var i,o,a;e=e.__;)if((i=e.__c)&&!(1&i.__g)){i.__g|=4;try{if((a=(o=i.constructor)&&o.getDerivedStateFromError)&&i.setState(o.getDerivedStateFromError(t)),i.componentDidCatch&&(i.componentDidCatch(t,r||{}),a=1),a&&8&i.__g)return void(i.__g|=2)}catch(l){t=l}}throw Fe=0,t}},qt=0,vr=function(t){return t!=null&&t.constructor===we},Le.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=le({},this.state)),typeof t=="function"&&(t=t(le({},n),this.props)),t&&(le(n,t),this.__v&&(e&&this.__k.push(e),Bt(this)))},Le.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),Bt(this))},Le.prototype.render=I,X=[],Fe=0,Ht=function(t,e){return t.__v.__b-e.__v.__b},Oe=Symbol(),Kt=/(PointerCapture)$|Capture$/i,lt=0,at={},kr=0;var H=class{constructor(e){this.value=e}valueOf(){return this.value}},R=class extends H{constructor(e="???"){super(e)}toString(e){return`{${this.value}}`}},B=class extends H{constructor(e,n={}){super(e),this.opts=n}toString(e){if(e)try{return e.memoizeIntlObject(Intl.NumberFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return this.value.toString(10)}},K=class t extends H{static supportsValue(e){if(typeof e=="number"||e instanceof Date)return!0;if(e instanceof H)return t.supportsValue(e.valueOf());if("Temporal"in globalThis){let n=globalThis.Temporal;if(e instanceof n.Instant||e instanceof n.PlainDateTime||e instanceof n.PlainDate||e instanceof n.PlainMonthDay||e instanceof n.PlainTime||e instanceof n.PlainYearMonth)return!0}return!1}constructor(e,n={}){e instanceof t?(n={...e.opts,...n},e=e.value):e instanceof H&&(e=e.valueOf()),typeof e=="object"&&"calendarId"in e&&n.calendar===void 0&&(n={...n,calendar:e.calendarId}),super(e),this.opts=n}[Symbol.toPrimitive](e){return e==="string"?this.toString():this.toNumber()}toNumber(){let e=this.value;if(typeof e=="number")return e;if(e instanceof Date)return e.getTime();if("epochMilliseconds"in e)return e.epochMilliseconds;if("toZonedDateTime"in e)return e.toZonedDateTime("UTC").epochMilliseconds;throw new TypeError("Unwrapping a non-number value as a number")}toString(e){if(e)try{return e.memoizeIntlObject(Intl.DateTimeFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return typeof this.value=="number"||this.value instanceof Date?new Date(this.value).toISOString():this.value.toString()}};var tn=100,Cr="⁨",Ar="⁩";function Pr(t,e,n){if(n===e||n instanceof B&&e instanceof B&&n.value===e.value)return!0;if(e instanceof B&&typeof n=="string"){let r=t.memoizeIntlObject(Intl.PluralRules,e.opts).select(e.value);if(n===r)return!0}return!1}function nn(t,e,n){return e[n]?fe(t,e[n].value):(t.reportError(new RangeError("No default")),new R)}function ft(t,e){let n=[],r=Object.create(null);for(let i of e)i.type==="narg"?r[i.name]=ve(t,i.value):n.push(ve(t,i));return{positional:n,named:r}}function ve(t,e){switch(e.type){case"str":return e.value;case"num":return new B(e.value,{minimumFractionDigits:e.precision});case"var":return Or(t,e);case"mesg":return Ir(t,e);case"term":return Lr(t,e);case"func":return Nr(t,e);case"select":return Fr(t,e);default:return new R}}function Or(t,{name:e}){let n;if(t.params)if(Object.prototype.hasOwnProperty.call(t.params,e))n=t.params[e];else return new R(`$${e}`);else if(t.args&&Object.prototype.hasOwnProperty.call(t.args,e))n=t.args[e];else return t.reportError(new ReferenceError(`Unknown variable: $${e}`)),new R(`$${e}`);if(n instanceof H)return n;switch(typeof n){case"string":return n;case"number":return new B(n);case"object":if(K.supportsValue(n))return new K(n);default:return t.reportError(new TypeError(`Variable type not supported: $${e}, ${typeof n}`)),new R(`$${e}`)}}function Ir(t,{name:e,attr:n}){let r=t.bundle._messages.get(e);if(!r)return t.reportError(new ReferenceError(`Unknown message: ${e}`)),new R(e);if(n){let i=r.attributes[n];return i?fe(t,i):(t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new R(`${e}.${n}`))}return r.value?fe(t,r.value):(t.reportError(new ReferenceError(`No value: ${e}`)),new R(e))}function Lr(t,{name:e,attr:n,args:r}){let i=`-${e}`,o=t.bundle._terms.get(i);if(!o)return t.reportError(new ReferenceError(`Unknown term: ${i}`)),new R(i);if(n){let l=o.attributes[n];if(l){t.params=ft(t,r).named;let m=fe(t,l);return t.params=null,m}return t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new R(`${i}.${n}`)}t.params=ft(t,r).named;let a=fe(t,o.value);return t.params=null,a}function Nr(t,{name:e,args:n}){let r=t.bundle._functions[e];if(!r)return t.reportError(new ReferenceError(`Unknown function: ${e}()`)),new R(`${e}()`);if(typeof r!="function")return t.reportError(new TypeError(`Function ${e}() is not callable`)),new R(`${e}()`);try{let i=ft(t,n);return r(i.positional,i.named)}catch(i){return t.reportError(i),new R(`${e}()`)}}function Fr(t,{selector:e,variants:n,star:r}){let i=ve(t,e);if(i instanceof R)return nn(t,n,r);for(let o of n){let a=ve(t,o.key);if(Pr(t,i,a))return fe(t,o.value)}return nn(t,n,r)}function pt(t,e){if(t.dirty.has(e))return t.reportError(new RangeError("Cyclic reference")),new R;t.dirty.add(e);let n=[],r=t.bundle._useIsolating&&e.length>1;for(let i of e){if(typeof i=="string"){n.push(t.bundle._transform(i));continue}if(t.placeables++,t.placeables>tn)throw t.dirty.delete(e),new RangeError(`Too many placeables expanded: ${t.placeables}, max allowed is ${tn}`);r&&n.push(Cr),n.push(ve(t,i).toString(t)),r&&n.push(Ar)}return t.dirty.delete(e),n.join("")}function fe(t,e){return typeof e=="string"?t.bundle._transform(e):pt(t,e)}var ze=class{constructor(e,n,r){this.dirty=new WeakSet,this.params=null,this.placeables=0,this.bundle=e,this.errors=n,this.args=r}reportError(e){if(!this.errors||!(e instanceof Error))throw e;this.errors.push(e)}memoizeIntlObject(e,n){let r=this.bundle._intls.get(e);r||(r={},this.bundle._intls.set(e,r));let i=JSON.stringify(n);return r[i]||(r[i]=new e(this.bundle.locales,n)),r[i]}};function gt(t,e){let n=Object.create(null);for(let[r,i]of Object.entries(t))e.includes(r)&&(n[r]=i.valueOf());return n}var rn=["unitDisplay","currencyDisplay","useGrouping","minimumIntegerDigits","minimumFractionDigits","maximumFractionDigits","minimumSignificantDigits","maximumSignificantDigits"];function on(t,e){let n=t[0];if(n instanceof R)return new R(`NUMBER(${n.valueOf()})`);if(n instanceof B)return new B(n.valueOf(),{...n.opts,...gt(e,rn)});if(n instanceof K)return new B(n.toNumber(),{...gt(e,rn)});throw new TypeError("Invalid argument to NUMBER")}var Dr=["dateStyle","timeStyle","fractionalSecondDigits","dayPeriod","hour12","weekday","era","year","month","day","hour","minute","second","timeZoneName"];function sn(t,e){let n=t[0];if(n instanceof R)return new R(`DATETIME(${n.valueOf()})`);if(n instanceof K||n instanceof B)return new K(n,gt(e,Dr));throw new TypeError("Invalid argument to DATETIME")}var an=new Map;function ln(t){let e=Array.isArray(t)?t.join(" "):t,n=an.get(e);return n===void 0&&(n=new Map,an.set(e,n)),n}var ke=class{constructor(e,{functions:n,useIsolating:r=!0,transform:i=o=>o}={}){this._terms=new Map,this._messages=new Map,this.locales=Array.isArray(e)?e:[e],this._functions={NUMBER:on,DATETIME:sn,...n},this._useIsolating=r,this._transform=i,this._intls=ln(e)}hasMessage(e){return this._messages.has(e)}getMessage(e){return this._messages.get(e)}addResource(e,{allowOverrides:n=!1}={}){let r=[];for(let i=0;i<e.body.length;i++){let o=e.body[i];if(o.id.startsWith("-")){if(n===!1&&this._terms.has(o.id)){r.push(new Error(`Attempt to override an existing term: "${o.id}"`));continue}this._terms.set(o.id,o)}else{if(n===!1&&this._messages.has(o.id)){r.push(new Error(`Attempt to override an existing message: "${o.id}"`));continue}this._messages.set(o.id,o)}}return r}formatPattern(e,n=null,r=null){if(typeof e=="string")return this._transform(e);let i=new ze(this,r,n);try{return pt(i,e).toString(i)}catch(o){if(i.errors&&o instanceof Error)return i.errors.push(o),new R().toString(i);throw o}}};var ht=/^(-?[a-zA-Z][\w-]*) *= */gm,un=/\.([a-zA-Z][\w-]*) *= */y,Vr=/\*?\[/y,_t=/(-?[0-9]+(?:\.([0-9]+))?)/y,zr=/([a-zA-Z][\w-]*)/y,cn=/([$-])?([a-zA-Z][\w-]*)(?:\.([a-zA-Z][\w-]*))?/y,Ur=/^[A-Z][A-Z0-9_-]*$/,Ue=/([^{}\n\r]+)/y,Br=/([^\\"\n\r]*)/y,dn=/\\([\\"])/y,mn=/\\u([a-fA-F0-9]{4})|\\U([a-fA-F0-9]{6})/y,jr=/^\n+/,fn=/ +$/,qr=/ *\r?\n/g,Hr=/( *)$/,Kr=/{\s*/y,pn=/\s*}/y,Wr=/\[\s*/y,Gr=/\s*] */y,Jr=/\s*\(\s*/y,Zr=/\s*->\s*/y,Yr=/\s*:\s*/y,Xr=/\s*,?\s*/y,Qr=/\s+/y,xe=class{constructor(e){this.body=[],ht.lastIndex=0;let n=0;for(;;){let g=ht.exec(e);if(g===null)break;n=ht.lastIndex;try{this.body.push(m(g[1]))}catch(_){if(_ instanceof SyntaxError)continue;throw _}}function r(g){return g.lastIndex=n,g.test(e)}function i(g,_){if(e[n]===g)return n++,!0;if(_)throw new _(`Expected ${g}`);return!1}function o(g,_){if(r(g))return n=g.lastIndex,!0;if(_)throw new _(`Expected ${g.toString()}`);return!1}function a(g){g.lastIndex=n;let _=g.exec(e);if(_===null)throw new SyntaxError(`Expected ${g.toString()}`);return n=g.lastIndex,_}function l(g){return a(g)[1]}function m(g){let _=u(),x=f();if(_===null&&Object.keys(x).length===0)throw new SyntaxError("Expected message value or attributes");return{id:g,value:_,attributes:x}}function f(){let g=Object.create(null);for(;r(un);){let _=l(un),x=u();if(x===null)throw new SyntaxError("Expected attribute value");g[_]=x}return g}function u(){let g;if(r(Ue)&&(g=l(Ue)),e[n]==="{"||e[n]==="}")return p(g?[g]:[],1/0);let _=y();return _?g?p([g,_],_.length):(_.value=T(_.value,jr),p([_],_.length)):g?T(g,fn):null}function p(g=[],_){for(;;){if(r(Ue)){g.push(l(Ue));continue}if(e[n]==="{"){g.push(h());continue}if(e[n]==="}")throw new SyntaxError("Unbalanced closing brace");let q=y();if(q){g.push(q),_=Math.min(_,q.length);continue}break}let x=g.length-1,F=g[x];typeof F=="string"&&(g[x]=T(F,fn));let N=[];for(let q of g)q instanceof Be&&(q=q.value.slice(0,q.value.length-_)),q&&N.push(q);return N}function h(){o(Kr,SyntaxError);let g=c();if(o(pn))return g;if(o(Zr)){let _=M();return o(pn,SyntaxError),{type:"select",selector:g,..._}}throw new SyntaxError("Unclosed placeable")}function c(){if(e[n]==="{")return h();if(r(cn)){let[,g,_,x=null]=a(cn);if(g==="$")return{type:"var",name:_};if(o(Jr)){let F=b();if(g==="-")return{type:"term",name:_,attr:x,args:F};if(Ur.test(_))return{type:"func",name:_,args:F};throw new SyntaxError("Function names must be all upper-case")}return g==="-"?{type:"term",name:_,attr:x,args:[]}:{type:"mesg",name:_,attr:x}}return v()}function b(){let g=[];for(;;){switch(e[n]){case")":return n++,g;case void 0:throw new SyntaxError("Unclosed argument list")}g.push(w()),o(Xr)}}function w(){let g=c();return g.type!=="mesg"?g:o(Yr)?{type:"narg",name:g.name,value:v()}:g}function M(){let g=[],_=0,x;for(;r(Vr);){i("*")&&(x=_);let F=k(),N=u();if(N===null)throw new SyntaxError("Expected variant value");g[_++]={key:F,value:N}}if(_===0)return null;if(x===void 0)throw new SyntaxError("Expected default variant");return{variants:g,star:x}}function k(){o(Wr,SyntaxError);let g;return r(_t)?g=C():g={type:"str",value:l(zr)},o(Gr,SyntaxError),g}function v(){if(r(_t))return C();if(e[n]==='"')return S();throw new SyntaxError("Invalid expression")}function C(){let[,g,_=""]=a(_t),x=_.length;return{type:"num",value:parseFloat(g),precision:x}}function S(){i('"',SyntaxError);let g="";for(;;){if(g+=l(Br),e[n]==="\\"){g+=se();continue}if(i('"'))return{type:"str",value:g};throw new SyntaxError("Unclosed string literal")}}function se(){if(r(dn))return l(dn);if(r(mn)){let[,g,_]=a(mn),x=parseInt(g||_,16);return x<=55295||57344<=x?String.fromCodePoint(x):"�"}throw new SyntaxError("Unknown escape sequence")}function y(){let g=n;switch(o(Qr),e[n]){case".":case"[":case"*":case"}":case void 0:return!1;case"{":return V(e.slice(g,n))}return e[n-1]===" "?V(e.slice(g,n)):!1}function T(g,_){return g.replace(_,"")}function V(g){let _=g.replace(qr,`
`),x=Hr.exec(g)[1].length;return new Be(_,x)}}},Be=class{constructor(e,n){this.value=e,this.length=n}};var gn=`# Review page. Lengths and times arrive as ready text; numbers as numbers.
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
never = never
length-minutes = { $count } min
length-seconds = { $count } s
size-mb = { $mb } MB

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
player-track = Camera
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
player-keys = Keys: space or K play and pause, J and L 10 seconds, arrows 5 seconds, Shift with arrows 1 minute, Home and End the beginning and the newest footage, < and > speed, F full screen.
player-position = { $time }

timeline-title = Timeline
timeline-slider = Position in the exam
timeline-zoom-in = Zoom in
timeline-zoom-out = Zoom out
timeline-zoom-all = Whole exam
timeline-footage = footage
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

cause-not-joined = not joined
cause-agent-stopped = recording program stopped
cause-power-or-reboot = power cut or restart
cause-suspended = computer asleep
cause-camera-lost = camera lost
cause-not-yet-uploaded = not yet uploaded
cause-unknown = cause not known
cause-damaged = damaged footage
cause-other-track = this camera has no picture here, another one has
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
fault-decode = the picture cannot be decoded
`;var hn=`# Қарау беті. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
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
never = болған жоқ
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

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
player-track = Камера
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
player-keys = Пернелер: бос орын немесе K — ойнату мен кідірту, J және L — 10 секунд, көрсеткілер — 5 секунд, Shift пен көрсеткілер — 1 минут, Home және End — басы мен соңғы кадрлар, < және > — жылдамдық, F — толық экран.
player-position = { $time }

timeline-title = Уақыт шкаласы
timeline-slider = Емтихан шкаласындағы орын
timeline-zoom-in = Үлкейту
timeline-zoom-out = Кішірейту
timeline-zoom-all = Бүкіл емтихан
timeline-footage = жазба бар
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

cause-not-joined = қосылмаған
cause-agent-stopped = жазу бағдарламасы тоқтатылған
cause-power-or-reboot = электр өшкен немесе компьютер қайта қосылған
cause-suspended = компьютер ұйқы режимінде болған
cause-camera-lost = камера жоғалған
cause-not-yet-uploaded = серверге әлі жіберілмеген
cause-unknown = себебі белгісіз
cause-damaged = жазба зақымдалған
cause-other-track = бұл камерада көрініс жоқ, басқасында бар
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
fault-decode = кескінді ашу мүмкін емес
`;var _n=`# Страница просмотра. Длительности и время приходят готовым текстом, числа — числами.
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
never = не было
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

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
player-track = Камера
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
player-keys = Клавиши: пробел или K — воспроизведение и пауза, J и L — 10 секунд, стрелки — 5 секунд, Shift и стрелки — 1 минута, Home и End — начало и последние кадры, < и > — скорость, F — на весь экран.
player-position = { $time }

timeline-title = Шкала времени
timeline-slider = Место на шкале экзамена
timeline-zoom-in = Крупнее
timeline-zoom-out = Мельче
timeline-zoom-all = Весь экзамен
timeline-footage = запись есть
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

cause-not-joined = подключения не было
cause-agent-stopped = программа записи была остановлена
cause-power-or-reboot = отключение питания или перезагрузка
cause-suspended = компьютер был в спящем режиме
cause-camera-lost = камера недоступна
cause-not-yet-uploaded = ещё не передано на сервер
cause-unknown = причина неизвестна
cause-damaged = запись повреждена
cause-other-track = у этой камеры здесь нет изображения, есть у другой
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
fault-decode = изображение не декодируется
`;var bt=[{code:"kk",name:"Қазақша"},{code:"ru",name:"Русский"},{code:"en",name:"English"}],yn="invigil.language",ro={kk:hn,ru:_n,en:gn},yt=new Set,wt=oo(),je=bn(wt);function oo(){let t=[io(),...globalThis.navigator?.languages??[]];for(let e of t){let n=bt.find(({code:r})=>e?.toLowerCase().startsWith(r));if(n)return n.code}return"kk"}function io(){try{return localStorage.getItem(yn)}catch{return null}}function bn(t){let e=new ke(t,{useIsolating:!1});return e.addResource(new xe(ro[t])),e}var ue=()=>wt;function wn(t){wt=t,je=bn(t);try{localStorage.setItem(yn,t)}catch{}document.documentElement.lang=t;for(let e of[...yt])e()}function vn(t){return yt.add(t),()=>yt.delete(t)}function d(t,e={}){let n=je.getMessage(t)?.value;return n?je.formatPattern(n,e):t}function z(t,e,n={}){return je.hasMessage(t)?d(t,n):d(e,n)}var pe,L,vt,kn,kt=Object.is,qe=0,An=[],xt=[],O=$,xn=O.__b,Mn=O.__r,$n=O.diffed,En=O.__c,Sn=O.unmount,Tn=O.__;function He(t,e){O.__h&&O.__h(L,t,qe||e),qe=0;var n=L.__H||(L.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function E(t){return qe=1,so(On,t)}function so(t,e,n){var r=He(pe++,2);if(r.t=t,!r.__c&&(r.__=[n?n(e):On(void 0,e),function(o){var a=(r.__N||r.__)[0],l=r.t(a,o);kt(a,l)||(r.__N=[l,r.__[1]],r.__c.setState({}))}],r.__c=L,!L.__f)){L.__f=!0;var i=L.shouldComponentUpdate;L.shouldComponentUpdate=function(o,a,l){var m=this.__H;if(!m)return!0;var f=!1,u=this.props!=o;if(m.__.some(function(h){h.__N&&(f=!0,kt(h.__[0],h.__N[0])||(u=!0))}),i){var p=i.call(this,o,a,l);return f?p||u:p}return!f||u}}return r.__}function A(t,e){var n=He(pe++,3);!O.__s&&$t(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,L.__H.__h.push(n))}function Pn(t,e){var n=He(pe++,4);!O.__s&&$t(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,L.__h.push(n))}function ee(t){return qe=5,$e(function(){return{current:t}},[])}function $e(t,e){var n=He(pe++,7);return $t(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function ao(){var t;do{for(;t=xt.shift();)try{Me(t)}catch(n){O.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=An.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(Me),e.__h.some(Mt),e.__h=[]}catch(n){e.__h=[],O.__e(n,t.__v)}}}while(xt.length)}O.__b=function(t){L=null,xn&&xn(t)},O.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),Tn&&Tn(t,e)},O.__r=function(t){Mn&&Mn(t),pe=0;var e=(L=t.__c).__H;e&&(vt==L?L.__h=[]:(e.__h.some(Me),e.__h.some(Mt),pe=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),vt=L},O.diffed=function(t){$n&&$n(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&Cn(An.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),vt=L=null},O.__c=function(t,e){e.some(function(n){try{n.__h.some(Me),n.__h=n.__h.filter(function(r){return!r.__||Mt(r)})}catch(r){n.__h=[function(){throw r}]}}),En&&En(t,e)},O.unmount=function(t){Sn&&Sn(t);var e,n,r=t.__c;r&&r.__H&&(r.__H.__.some(function(i){try{if(i.__P&&i.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}i.__P=n,Cn(xt.push(i))}else Me(i)}catch(o){e=o}}),r.__H=void 0,e&&O.__e(e,r.__v))};var Rn=typeof requestAnimationFrame=="function";function lo(t){var e,n=function(){clearTimeout(r),Rn&&cancelAnimationFrame(e),setTimeout(t)},r=setTimeout(n,35);Rn&&(e=requestAnimationFrame(n))}function Cn(t){t!=1&&kn==O.requestAnimationFrame||((kn=O.requestAnimationFrame)||lo)(ao)}function Me(t){var e=L,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),L=e}function Mt(t){var e=L;t.__c=t.__(),L=e}function $t(t,e){return!t||t.length!=e.length||e.some(function(n,r){return!kt(n,t[r])})}function On(t,e){return typeof e=="function"?e(t):e}var ge=null,Ke=new Set,In=30*6e4,uo=29*6e4,We=performance.now(),W={get key(){return ge},watch(t){return Ke.add(t),()=>Ke.delete(t)},lock(){if(ge){ge=null;for(let t of[...Ke])t()}},async unlock(t){let e=await D.reviewKeys();if(e.length===0)return"no-key";for(let n of e){let r=Vt(n.wrapped),i=await co(t,r.kdf),o=await zt(r,i);if(i.fill(0),!!o){ge=o,We=performance.now();for(let a of[...Ke])a();return"open"}}return"wrong-passphrase"}};function co(t,e){let n=new Worker("/kdf-worker.js",{type:"module"});return new Promise((r,i)=>{n.onmessage=o=>{o.data.derived?r(o.data.derived):i(new Error(o.data.error))},n.onerror=()=>i(new Error("the key derivation did not start")),n.postMessage({passphrase:t,kdf:e})}).finally(()=>n.terminate())}function Ln(){let t=performance.now()-We;return ge&&t>uo?Math.max(0,In-t):null}function Nn(){let t=()=>{We=performance.now()};for(let e of["pointerdown","pointermove","keydown","wheel","touchstart"])addEventListener(e,t,{passive:!0});setInterval(()=>{ge&&performance.now()-We>=In&&W.lock()},1e3)}async function Fn(){let t=[];if(!globalThis.isSecureContext||!globalThis.crypto?.subtle)return["WebCrypto (HTTPS)"];for(let[e,n]of[["X25519",["deriveBits"]],["Ed25519",["sign","verify"]]])await crypto.subtle.generateKey({name:e},!1,[...n]).catch(()=>t.push(e));return"MediaSource"in globalThis||t.push("Media Source Extensions"),"WebAssembly"in globalThis||t.push("WebAssembly"),t}function Ee(t){let e=Math.abs(Math.round(t/60)),n=e%60;return`UTC${t<0?"−":"+"}${Math.floor(e/60)}${n===0?"":`:${te(n)}`}`}var te=t=>String(t).padStart(2,"0");function Ge(t){let e=/([+-])(\d\d):(\d\d)(?:\[.*\])?$/.exec(t);if(!e)return/Z$/i.test(t)?0:null;let n=Number(e[2])*3600+Number(e[3])*60;return e[1]==="-"?-n:n}var Dn=(t,e)=>new Date(t+e*1e3);function P(t,e,n=!0){let r=Dn(t,e);return`${te(r.getUTCHours())}:${te(r.getUTCMinutes())}${n?`:${te(r.getUTCSeconds())}`:""}`}function ne(t,e){let n=Dn(t,e);return`${te(n.getUTCDate())}.${te(n.getUTCMonth()+1)}.${n.getUTCFullYear()}`}function j(t,e,n=!1){return`${ne(t,e)} ${P(t,e,n)} ${Ee(e)}`}function G(t){let e=Math.floor(Math.abs(t)/1e3),n=t<0?"−":"",r=Math.floor(e/3600),i=`${te(e%60)}`,o=Math.floor(e/60)%60;return r>0?`${n}${r}:${te(o)}:${i}`:`${n}${o}:${i}`}function Z(t){return`${G(t)}.${String(Math.floor(Math.abs(t))%1e3).padStart(3,"0")}`}function Vn(t,e,n){let r=/^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(t);if(!r)return null;let[i,o,a]=[Number(r[1]),Number(r[2]),Number(r[3]??0)];if(i>23||o>59||a>59)return null;let l=Math.floor((e+n*1e3)/864e5)*864e5-n*1e3,m=(i*3600+o*60+a)*1e3;return[-1,0,1].map(u=>l+u*864e5+m).reduce((u,p)=>Math.abs(p-e)<Math.abs(u-e)?p:u)}var zn="[0-9a-f-]{36}";function Je(t){let e=new RegExp(`^#/exam/(${zn})$`).exec(t);if(e?.[1])return{page:"exam",id:e[1]};let n=new RegExp(`^#/recording/(${zn})(?:\\?t=(-?\\d+(?:\\.\\d+)?))?$`).exec(t);return n?.[1]?{page:"recording",id:n[1],atSecs:n[2]===void 0?null:Number(n[2])}:{page:"exams"}}function Un(){let[t,e]=E(()=>Je(location.hash));return A(()=>{let n=()=>e(Je(location.hash));return addEventListener("hashchange",n),()=>removeEventListener("hashchange",n)},[]),t}function Bn(){let[t,e]=E(ue());return A(()=>vn(()=>e(ue())),[]),t}function Ze(){let[t,e]=E(W.key);return A(()=>W.watch(()=>e(W.key)),[]),t}function re(...t){let e=[...t,d("app-name")].join(" · ");A(()=>{document.title=e},[e])}function he(t,e,n){let[r,i]=E({value:null,error:null});return A(()=>{let o=!1,a;i({value:null,error:null});let l=async()=>{if(!document.hidden)try{let m=await t();o||i({value:m,error:null})}catch(m){let f=m instanceof U?m:new U(0,"");o||i(({value:u})=>({value:u,error:f}))}o||(a=setTimeout(l,e))};return l(),()=>{o=!0,clearTimeout(a)}},n),r}function oe(t){switch(t.status){case 0:return d("error-offline");case 401:return d("error-signed-out");case 403:return d("error-forbidden");case 410:return d("error-expired");case 429:return d("login-too-many",{seconds:t.retryAfterSecs??60});default:return d("error-other",{status:t.status})}}var mo=Symbol.for("pv"),fo=0;function s(t,e,n,r,i,o){e||(e={});var a,l,m=e;if("ref"in m&&typeof t!="function")for(l in m={},e)l=="ref"?a=e[l]:m[l]=e[l];var f={type:t,props:m,key:n,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:mo,__v:--fo,__i:-1,__u:0};return(i||o)&&(f.__source=i,f.__self=o),$.vnode&&$.vnode(f),f}function Ye(t,e,n){let r=ne(t,n)===ne(e,n)?"":`${ne(e,n)} `;return`${ne(t,n)} ${P(t,n,!1)} – ${r}${P(e,n,!1)} ${Ee(n)}`}function jn(t){return t%6e4===0?d("length-minutes",{count:t/6e4}):d("length-seconds",{count:t/1e3})}function ce({tone:t,children:e}){return s("span",{class:`chip ${t}`,children:e})}function de({error:t,empty:e,onSignedOut:n}){return A(()=>{t?.status===401&&n()},[t]),t?s("p",{class:"message bad",role:"alert",children:oe(t)}):e?s("p",{class:"hint",role:"status",children:d("loading")}):null}function Xe({rows:t}){return s("dl",{class:"facts",children:t.map(e=>e&&s("div",{children:[s("dt",{children:e[0]}),s("dd",{children:e[1]})]},e[0]))})}var po=5e3;function qn({onSignedOut:t}){let{value:e,error:n}=he(D.exams,po,[]);re(d("exams-title"));let r={running:0,coming:1,over:2,expired:3},i=[...e??[]].sort((o,a)=>r[o.state]-r[a.state]||a.starts_ms-o.starts_ms);return s(I,{children:[s("h1",{children:d("exams-title")}),s(de,{error:n,empty:!e,onSignedOut:t}),e?.length===0&&s("p",{class:"hint",children:d("exams-none")}),s("ul",{class:"cards",children:i.map(o=>s("li",{class:"card",children:[s("div",{class:"card-head",children:[s("h2",{children:s("a",{href:`#/exam/${o.id}`,children:o.title})}),s(Et,{exam:o})]}),s(St,{exam:o}),s("p",{class:"counts",children:[d("exam-recordings",{count:o.recordings}),o.flagged>0&&s(ce,{tone:"warn",children:d("exam-flagged",{count:o.flagged})})]})]},o.id))})]})}function Et({exam:t}){return s(ce,{tone:{running:"live",coming:"plain",over:"plain",expired:"bad"}[t.state]??"plain",children:d(`exam-state-${t.state}`)})}function St({exam:t}){let e=Ge(t.expires)??t.utc_offset_secs;return s(Xe,{rows:[[d("exam-discipline"),t.discipline],[d("exam-window"),Ye(t.starts_ms,t.ends_ms,t.utc_offset_secs)],[d("exam-expires"),j(t.expires_ms,e)],[d("exam-policy"),t.policy]]})}function Hn({onSignedIn:t}){let[e,n]=E(""),[r,i]=E(""),[o,a]=E(!1),[l,m]=E(null);re(d("login-title"));let f=async p=>{p.preventDefault(),a(!0),m(null);try{t(await D.login(e,r))}catch(h){m(h instanceof U?h:new U(0,"")),i("")}finally{a(!1)}},u=l&&(l.status===401?d("login-wrong"):oe(l));return s("form",{class:"card narrow",onSubmit:f,children:[s("h1",{children:d("login-title")}),s("p",{class:"hint",children:d("login-lead")}),u&&s("p",{class:"message bad",role:"alert",id:"login-error",children:u}),s("label",{children:[d("login-name"),s("input",{name:"login",autocomplete:"username",autocapitalize:"none",spellcheck:!1,required:!0,value:e,onInput:p=>n(p.currentTarget.value)})]}),s("label",{children:[d("login-password"),s("input",{name:"password",type:"password",autocomplete:"current-password",required:!0,value:r,onInput:p=>i(p.currentTarget.value),"aria-describedby":u?"login-error":void 0})]}),s("button",{type:"submit",class:"primary",disabled:o,children:o?d("login-busy"):d("login-submit")})]})}function Qe({model:t,offsetSecs:e,onSeek:n}){let r=go(t,e);return s("details",{class:"table",children:[s("summary",{children:d("table-title")}),s("div",{class:"scroll",tabIndex:0,role:"region","aria-label":d("table-title"),children:s("table",{children:[s("thead",{children:s("tr",{children:[s("th",{scope:"col",children:d("table-what")}),s("th",{scope:"col",children:d("table-from")}),s("th",{scope:"col",children:d("table-to")}),s("th",{scope:"col",children:d("table-length")}),s("th",{scope:"col",children:d("table-details")})]})}),s("tbody",{children:r.map((i,o)=>s("tr",{children:[s("th",{scope:"row",children:i.what}),s("td",{children:n?s("button",{type:"button",class:"link",onClick:()=>n(i.fromMs),children:P(i.fromMs,e)}):P(i.fromMs,e)}),s("td",{children:i.toMs===null?d("table-ongoing"):P(i.toMs,e)}),s("td",{children:i.length}),s("td",{children:i.details})]},o))})]})})]})}function go(t,e){let n=t.marks.find(({kind:u})=>u==="start")?.atMs??t.range.fromMs,r=t.marks.find(({kind:u})=>u==="end")?.atMs??t.range.toMs,i={fromMs:n,toMs:r,what:d("table-window"),length:G(r-n),details:`${j(n,e)} – ${j(r,e)}`},o=t.tracks.flatMap(({track:u,footage:p})=>p.map(({fromMs:h,toMs:c})=>({fromMs:h,toMs:c,what:`${d("timeline-footage")}: ${u}`,length:G(c-h),details:""}))),a=t.tracks.flatMap(({track:u,damaged:p})=>p.map(({fromMs:h,toMs:c,fault:b})=>({fromMs:h,toMs:c,what:`${d("timeline-damaged")}: ${u}`,length:Z(c-h),details:z(`fault-${b}`,"fault-malformed")}))),l=t.missing.map(({fromMs:u,toMs:p,cause:h})=>({fromMs:u,toMs:p,what:d("timeline-missing"),length:G(p-u),details:z(`cause-${h}`,"cause-unknown")})),m=t.outages.map(u=>{let p=Z(u.upperMs),h=u.lowerMs===null?d("table-outage-upper",{upper:p}):d("table-outage-bounds",{lower:Z(u.lowerMs),upper:p});return{fromMs:u.fromMs,toMs:u.ongoing?null:u.toMs,what:d("table-outage",{cause:z(`cause-${u.cause}`,"cause-unknown")}),length:G(u.upperMs),details:`${h}; ${d("table-outage-counted",{counted:Z(u.countedMs)})}`}}),f=[...o,...a,...l,...m].sort((u,p)=>u.fromMs-p.fromMs);return[i,...f]}function et(t,e,n,r){let i=t.outages.map(c=>{let b=c.to_ms??Math.max(r,c.from_ms),w=Math.max(0,b-c.from_ms-(c.lower_ms??0))/2;return{fromMs:c.from_ms,toMs:b,cause:c.cause,certain:c.lower_ms?{fromMs:c.from_ms+w,toMs:b-w}:null,ongoing:c.ongoing,upperMs:c.upper_ms,lowerMs:c.lower_ms,countedMs:c.counted_upper_ms}}),o=new Map,a=(c,b)=>o.set(c,ho([...o.get(c)??[],b]));for(let c of t.footage)a(c.track,{fromMs:c.from_ms,toMs:c.to_ms});for(let c of e)(c.kind==="video"||c.kind==="screen")&&a(c.track,{fromMs:c.from_ms,toMs:c.to_ms});let l=[...o.keys()].sort().map(c=>({track:c,footage:o.get(c)??[],damaged:n.filter(b=>b.track===c)})),m=t.state==="recording"||t.state==="offline"||r<t.ends_ms,f=[...l.flatMap(c=>c.footage),...i],u={fromMs:Math.min(t.starts_ms,...f.map(({fromMs:c})=>c)),toMs:Math.max(t.ends_ms,...f.map(({toMs:c})=>c))},p=[{kind:"start",atMs:t.starts_ms},{kind:"end",atMs:t.ends_ms},{kind:"expiry",atMs:t.exam.expires_ms}];m&&p.push({kind:"now",atMs:r}),t.finding.deadline_ms!==null&&p.push({kind:"deadline",atMs:t.finding.deadline_ms});let h=t.missing.map(({from_ms:c,to_ms:b,cause:w})=>({fromMs:c,toMs:b,cause:w}));return{range:u,tracks:l,missing:h,outages:i,marks:p}}function ho(t){let e=[];for(let n of[...t].sort((r,i)=>r.fromMs-i.fromMs)){let r=e.at(-1);r&&n.fromMs<=r.toMs+500?r.toMs=Math.max(r.toMs,n.toMs):e.push({...n})}return e}function Kn(t,e,n,r){let i=[1,5,10,30,60,120,300,600,900,1800,3600,7200,10800,21600,43200,86400].map(u=>u*1e3),o=(t.toMs-t.fromMs)*n/Math.max(1,e),a=i.find(u=>u>=o)??864e5,l=r*1e3,m=Math.ceil((t.fromMs+l)/a)*a-l,f=[];for(let u=m;u<=t.toMs;u+=a)f.push({atMs:u,seconds:a<6e4});return f}function Wn(t,e,n,r){let i=Math.min(e.toMs-e.fromMs,Math.max(2e4,(t.toMs-t.fromMs)*n)),o=(r-t.fromMs)/Math.max(1,t.toMs-t.fromMs),a=r-i*Math.min(1,Math.max(0,o));return Se({fromMs:a,toMs:a+i},e,0)}function Se(t,e,n){let r=Math.min(t.toMs-t.fromMs,e.toMs-e.fromMs),i=Math.min(Math.max(t.fromMs+n,e.fromMs),e.toMs-r);return{fromMs:i,toMs:i+r}}var me=24,J=20,Te=5;function tt({model:t,atMs:e,offsetSecs:n,deadlineOffsetSecs:r,onSeek:i}){let o=ee(null),[a,l]=E(600),[m,f]=E(null);Pn(()=>{let y=o.current;if(!y)return;let T=new ResizeObserver(()=>l(Math.max(200,y.clientWidth)));return T.observe(y),()=>T.disconnect()},[]);let u=m?Se(m,t.range,0):t.range,p=Math.max(1,u.toMs-u.fromMs),h=y=>(y-u.fromMs)/p*a,c=e!==null&&e>=u.fromMs&&e<=u.toMs?e:(u.fromMs+u.toMs)/2,b=(y,T=c)=>{let V=Wn(u,t.range,y,T);f(V.toMs-V.fromMs>=t.range.toMs-t.range.fromMs?null:V)};A(()=>{m&&e!==null&&(e<m.fromMs||e>m.toMs)&&f(Se(m,t.range,e-(m.fromMs+(m.toMs-m.fromMs)*.1)))},[e]);let w=y=>{let T=o.current?.getBoundingClientRect();return T?u.fromMs+(y.clientX-T.left)/T.width*p:u.fromMs},M=y=>{if(y.ctrlKey)b(y.deltaY>0?1.25:.8,w(y));else if(y.deltaX!==0&&m)f(Se(m,t.range,y.deltaX/a*p));else return;y.preventDefault()},k=me+t.tracks.length*(J+Te)+2*(J+Te),v=me+t.tracks.length*(J+Te),C=v+J+Te,S=t.marks.filter(({kind:y,atMs:T})=>(y==="expiry"||y==="deadline")&&T>u.toMs),se=i?{role:"slider",tabIndex:0,"aria-label":d("timeline-slider"),"aria-valuemin":Math.round(t.range.fromMs/1e3),"aria-valuemax":Math.round(t.range.toMs/1e3),"aria-valuenow":Math.round((e??t.range.fromMs)/1e3),"aria-valuetext":d("player-position",{time:P(e??t.range.fromMs,n)})}:{role:"img","aria-label":d("timeline-title")};return s("section",{class:"timeline","aria-label":d("timeline-title"),children:[s("div",{class:"timeline-head",children:[s("h2",{children:d("timeline-title")}),s("span",{class:"hint",children:d("timeline-zone",{zone:Ee(n)})}),s("div",{class:"group",children:[s("button",{type:"button",class:"small",onClick:()=>b(.5),"aria-label":d("timeline-zoom-in"),title:d("timeline-zoom-in"),children:"+"}),s("button",{type:"button",class:"small",onClick:()=>b(2),"aria-label":d("timeline-zoom-out"),title:d("timeline-zoom-out"),children:"−"}),s("button",{type:"button",class:"small",onClick:()=>f(null),disabled:!m,children:d("timeline-zoom-all")})]})]}),s("div",{ref:o,class:i?"timeline-box seekable":"timeline-box",...se,onWheel:M,onClick:y=>i?.(w(y)),children:s("svg",{width:a,height:k,viewBox:`0 0 ${a} ${k}`,"aria-hidden":"true",children:[s(_o,{}),Kn(u,a,76,n).map(y=>s("g",{class:"tick",children:[s("line",{x1:h(y.atMs),x2:h(y.atMs),y1:me-6,y2:k}),s("text",{x:h(y.atMs),y:12,"text-anchor":h(y.atMs)<24?"start":h(y.atMs)>a-24?"end":"middle",children:P(y.atMs,n,y.seconds)})]},y.atMs)),t.tracks.map(({track:y,footage:T,damaged:V},g)=>{let _=me+g*(J+Te);return s("g",{children:[s("rect",{class:"lane",x:0,y:_,width:a,height:J,rx:4}),T.map(x=>s(Re,{bar:x,x:h,y:_,name:"footage",width:a},x.fromMs)),V.map(x=>s(Re,{bar:x,x:h,y:_,name:"damaged",least:4,width:a},`${x.fromMs} ${x.fault}`)),s("text",{class:"lane-name",x:6,y:_+14,children:y})]},y)}),s("rect",{class:"lane",x:0,y:v,width:a,height:J,rx:4}),t.missing.map(y=>s(Re,{bar:y,x:h,y:v,name:"missing",title:z(`cause-${y.cause}`,"cause-unknown"),width:a},y.fromMs)),s("rect",{class:"lane",x:0,y:C,width:a,height:J,rx:4}),t.outages.map(y=>s("g",{children:[s(Re,{bar:y,x:h,y:C,name:"outage-upper",least:4,title:z(`cause-${y.cause}`,"cause-unknown"),width:a}),y.certain&&s(Re,{bar:y.certain,x:h,y:C+5,height:J-10,name:"outage",least:2,width:a})]},y.fromMs)),t.marks.filter(({atMs:y})=>y>=u.fromMs&&y<=u.toMs).map(({kind:y,atMs:T})=>s("line",{class:`mark mark-${y}`,x1:h(T),x2:h(T),y1:me-8,y2:k},y)),e!==null&&e>=u.fromMs&&e<=u.toMs&&s("g",{class:"playhead",transform:`translate(${h(e)} 0)`,children:[s("line",{y1:me-6,y2:k}),s("path",{d:`M-6 ${me-10}h12l-6 8z`})]})]})}),S.length>0&&s("p",{class:"beyond",children:S.map(({kind:y,atMs:T})=>s("span",{children:[d(`timeline-${y}`),": ",j(T,y==="deadline"?r:n)," ",s("span",{"aria-hidden":"true",children:"→"})]},y))}),s(yo,{kinds:["footage","damaged","missing","outage","outage-upper"],marks:t.marks.map(({kind:y})=>y)})]})}function Re(t){let e=Math.max(-2,t.x(t.bar.fromMs)),n=Math.min(t.width+2,t.x(t.bar.toMs)),r=Math.max(n-e,t.least??1);return n<0||e>t.width?null:s("rect",{class:`bar bar-${t.name}`,"data-kind":t.name,x:e,y:t.y,width:r,height:t.height??J,rx:Math.min(4,r/2),children:t.title&&s("title",{children:t.title})})}function _o(){return s("defs",{children:[s("pattern",{id:"hatch-missing",width:"7",height:"7",patternUnits:"userSpaceOnUse",patternTransform:"rotate(45)",children:[s("rect",{class:"hatch-ground",width:"7",height:"7"}),s("line",{class:"hatch-missing",x1:"0",x2:"0",y1:"0",y2:"7"})]}),s("pattern",{id:"hatch-damaged",width:"6",height:"6",patternUnits:"userSpaceOnUse",patternTransform:"rotate(-45)",children:[s("rect",{class:"hatch-damaged-ground",width:"6",height:"6"}),s("line",{class:"hatch-damaged",x1:"0",x2:"0",y1:"0",y2:"6"})]})]})}function yo({kinds:t,marks:e}){return s("ul",{class:"legend","aria-label":d("timeline-legend"),children:[t.map(n=>s("li",{children:[s("svg",{width:"18",height:"12","aria-hidden":"true",children:s("rect",{class:`bar bar-${n}`,x:"1",y:"1",width:"16",height:"10",rx:"2"})}),d(`timeline-${n}`)]},n)),e.filter(n=>["start","end","now"].includes(n)).map(n=>s("li",{children:[s("svg",{width:"18",height:"12","aria-hidden":"true",children:s("line",{class:`mark mark-${n}`,x1:"9",x2:"9",y1:"0",y2:"12"})}),d(`timeline-${n}`)]},n))]})}function Ce(t){return Ge(t.finding.deadline??"")??t.exam.utc_offset_secs}function Gn({finding:t}){return z(`finding-${t.kind}`,"finding-other",{threshold:jn(t.threshold_ms)})}function Jn(t){let{deadline_ms:e}=t.finding;return e===null?null:d("finding-retake-deadline",{deadline:j(e,Ce(t))})}function Zn({recording:t}){return t.finding.kind==="none"?null:s("p",{class:"finding-line",children:[s(ce,{tone:t.finding.kind==="retake"?"bad":"warn",children:Gn(t)})," ",Jn(t)]})}function Yn({recording:t}){let{finding:e}=t,n=Jn(t),r=e.kind==="none"?"plain":e.kind==="retake"?"bad":"warn";return s("section",{class:`message ${r} finding`,"data-finding":e.kind,"aria-labelledby":"finding-title",children:[s("h2",{id:"finding-title",children:d("finding-title")}),s("p",{children:[s("strong",{children:Gn(t)})," ",n&&s("strong",{class:"deadline",children:n})]}),e.longest_upper_ms>0&&s("p",{children:[d("finding-longest",{lower:Z(e.longest_lower_ms),upper:Z(e.longest_upper_ms)})," ",d("finding-total",{total:Z(e.total_upper_ms)})]}),e.provisional&&s("p",{children:d("finding-provisional")}),e.source!==""&&s("p",{class:"hint",children:d("finding-source",{source:e.source})})]})}var Ae=class{constructor(e,n){this.video=e;this.lengthSecs=n;this.url=URL.createObjectURL(this.source),this.queue=new Promise(r=>this.source.addEventListener("sourceopen",()=>r(),{once:!0})),e.src=this.url}video;lengthSecs;source=new MediaSource;url;buffer=null;queue;codec="";closed=!1;append(e,n,r,i){return this.enqueue(async()=>{let o=`video/mp4; codecs="${e}"`;if(this.buffer)e!==this.codec&&this.buffer.changeType(o);else{if(!MediaSource.isTypeSupported(o))throw new DOMException(`codec ${e} is not supported`,"NotSupportedError");this.source.duration=this.lengthSecs,this.buffer=this.source.addSourceBuffer(o),this.buffer.mode="segments"}this.codec=e;let a=this.buffer;n&&(a.abort(),a.timestampOffset!==r&&(a.timestampOffset=r),await this.run(a,()=>a.appendBuffer(n)));for(let l of i)await this.feed(a,l)})}remove(e,n){return this.enqueue(async()=>{let r=this.buffer;r&&n>e&&r.buffered.length>0&&await this.run(r,()=>r.remove(Math.max(0,e),n))})}around(e){for(let[n,r]of this.ranges())if(n-.15<=e&&e<r)return[n,r];return null}nextStart(e){return this.ranges().find(([n])=>n>e)?.[0]??null}aheadOf(e){return this.ranges().reduce((n,[r,i])=>n+Math.max(0,i-Math.max(r,e)),0)}close(){this.closed=!0,URL.revokeObjectURL(this.url)}ranges(){if(!this.buffer||this.source.readyState!=="open")return[];let{buffered:e}=this.buffer;return Array.from({length:e.length},(n,r)=>[e.start(r),e.end(r)])}async feed(e,n){try{await this.run(e,()=>e.appendBuffer(n))}catch(r){if(!(r instanceof DOMException)||r.name!=="QuotaExceededError")throw r;let i=this.video.currentTime;await this.run(e,()=>e.remove(0,Math.max(.001,i-3))),await this.run(e,()=>e.remove(i+30,Number.POSITIVE_INFINITY)),await this.run(e,()=>e.appendBuffer(n))}}run(e,n){return new Promise((r,i)=>{let o=()=>(l(),r()),a=()=>(l(),i(new DOMException("the browser could not read a fragment","EncodingError"))),l=()=>{e.removeEventListener("updateend",o),e.removeEventListener("error",a)};e.addEventListener("error",a),e.addEventListener("updateend",o);try{n()}catch(m){l(),i(m)}})}enqueue(e){let n=this.queue.then(()=>{if(this.closed)throw new DOMException("closed","AbortError");return e()});return this.queue=n.catch(()=>{}),n}};function Tt(t,e){let n=t.chunks[e];if(!n)return!1;let r=(t.chunks[e+1]?.offset??t.size_bytes)-(n.offset+n.len);return r>=128&&r!==184}var _e=t=>t.state==="stored",ie=t=>t.kind==="video"||t.kind==="screen";function Ct(t,e){let n=t.chunks[e];if(!n)return null;let r=e;for(;r<t.chunks.length-1&&!Tt(t,r);)r++;let i=t.chunks[r+1]?.offset??t.size_bytes;return{segment:t,first:e,last:r,from:n.offset,to:i,signed:Tt(t,r)}}function At(t){let{id:e,run:n,track:r,sequence:i}=t,o=Ct(t,0)?.to??t.size_bytes;return{id:e,run:n,track:r,sequence:i,sizeBytes:t.size_bytes,closed:_e(t),prefixEnd:o}}function Pt({chunks:t},e){let n=0,r=e;for(;r<t.length&&(n+=t[r]?.duration_ms??0,!(n>6e3));r++);return r}function Xn({segment:t,first:e,last:n},{pieces:r,differences:i,trouble:o}){let a=e+Math.max(0,r.findIndex(({cover:f})=>f==="tail"));if(a===e)for(;a>0&&!Tt(t,a-1);)a--;let m=!_e(t)&&n===t.chunks.length-1?Pt(t,a):0;return r.map(({cover:f},u)=>f==="signed"||f==="tail"&&e+u<m?null:i.length>0?"index":f==="tail"?"unsigned":o?.fault??"chain")}var Rt=t=>t.from_ms+t.duration_ms;function Qn(t,e){let n=(r,i)=>r.from_ms-i.from_ms||r.sequence-i.sequence;return[...t].filter(r=>r.track===e&&ie(r)&&r.chunks.length>0).sort(n)}function nt(t,e){for(let[n,{chunks:r,to_ms:i}]of t.entries()){if(i<=e)continue;let o=r.findIndex(a=>Rt(a)>e);if(o>=0)return{segment:n,chunk:o}}return null}function Ot(t,e){let n=t[e.segment]?.chunks??[],r=e.chunk;for(;r>0&&!n[r]?.key;)r--;return{segment:e.segment,chunk:r}}function ye(t){return t.reduce((e,{to_ms:n})=>Math.max(e??n,n),null)}function er(t){let e=new Map;for(let{run:n,track:r,sequence:i}of t){let o=e.get(`${n} ${r}`)??{run:n,track:r,found:new Set};o.found.add(i),e.set(`${n} ${r}`,o)}return[...e.values()].flatMap(({run:n,track:r,found:i})=>Array.from({length:Math.max(...i)},(o,a)=>({run:n,track:r,sequence:a})).filter(({sequence:o})=>!i.has(o)))}function tr(t,e){let n=o=>o.segment===e.segment&&o.fault==="index"==(e.fault==="index"),r=o=>n(o)&&o.fromMs<=e.toMs+1&&e.fromMs<=o.toMs+1,i=t.filter(r).reduce((o,a)=>({...a,fromMs:Math.min(o.fromMs,a.fromMs),toMs:Math.max(o.toMs,a.toMs)}),e);return[...t.filter(o=>!r(o)),i].sort((o,a)=>o.fromMs-a.fromMs)}function It(t,e,n){let r=(o,a,l)=>e.some(m=>m.segment===o.id&&m.fromMs<l&&a<m.toMs),i=nt(t,n);if(!i)return null;for(let[o,a]of t.entries()){if(o<i.segment)continue;let l=!1,m=o===i.segment?Ot(t,i).chunk:0;for(let[f,u]of a.chunks.entries())if(!(f<m)&&(l=(l||u.key)&&!r(a,u.from_ms,Rt(u)),l&&Rt(u)>n))return Math.max(n,u.from_ms)}return null}var be=[.5,1,1.5,2,4,8],bo=12*36e5,nr=72*3600,wo=45,rr=5e3,vo=12e3,or=1.2,ko=250,xo=2e3,rt=class{constructor(e,n,r,i){this.video=e;this.footage=n;this.changed=r;this.originMs=n.recording.starts_ms-bo,this.state={track:i.track,atMs:i.atMs,playing:!1,waiting:!1,rate:1,live:!1,autoJump:i.autoJump,jumped:null,gap:null,unsigned:!1,unsupported:null},this.buffer=new Ae(e,nr),this.pendingMs=i.atMs,this.timer=setInterval(()=>this.tick(),200);for(let o of["timeupdate","waiting","playing","seeked"])e.addEventListener(o,this.tick);e.addEventListener("error",this.failed)}video;footage;changed;state;buffer;session=null;filling=!1;timer;tails=new Map;originMs;pendingMs=null;retryAtMs=0;clearing=null;closed=!1;close(){this.closed=!0,clearInterval(this.timer);for(let e of["timeupdate","waiting","playing","seeked"])this.video.removeEventListener(e,this.tick);this.video.removeEventListener("error",this.failed),this.buffer.close(),this.video.removeAttribute("src"),this.video.load()}play(){this.state.playing=!0,this.resume(),this.tick()}pause(){this.state.playing=!1,this.state.live=!1,this.video.pause(),this.tick()}setRate(e){this.state.rate=e,e!==1&&(this.state.live=!1),this.video.defaultPlaybackRate=e,this.video.playbackRate=e,this.changed()}setAutoJump(e){this.state.autoJump=e,this.tick()}dismiss(){this.state.jumped=null,this.changed()}setTrack(e){e!==this.state.track&&(this.state.track=e,this.seek(this.state.atMs))}follow(){let e=ye(this.segments());e!==null&&(this.setRate(1),this.seek(e-rr),this.state.live=!0,this.play())}seek(e){this.state.live=!1,this.state.jumped=null,this.go(e)}tick=()=>{if(this.closed)return;this.state.track??=this.firstTrack();let{state:e,video:n}=this;this.pendingMs===null&&n.readyState>0&&(e.atMs=this.msAt(n.currentTime)),this.session&&this.moved()&&this.restart(e.atMs),this.session||this.restart(e.atMs),this.place(),this.findGap(),this.followEdge(),this.showSigned(),e.waiting=e.playing&&!e.gap&&n.readyState<3,e.playing&&n.paused&&!e.gap&&this.resume(),this.fill(),this.changed()};segments(){return this.state.track===null?[]:Qn(this.footage.segments.values(),this.state.track)}firstTrack(){return[...this.footage.segments.values()].filter(({kind:n})=>n==="video"||n==="screen").map(({track:n})=>n).sort()[0]??null}secs=e=>(e-this.originMs)/1e3;msAt=e=>e*1e3+this.originMs;go(e){this.state.gap=null,this.state.atMs=e,this.session&&!this.clearing&&this.buffer.around(this.secs(e))&&!this.trackChanged()?(this.pendingMs=null,this.video.currentTime=this.secs(e)):this.restart(e),this.tick()}trackChanged(){let e=this.session?.segment;return e!=null&&this.footage.segments.get(e)?.track!==this.state.track}moved(){let{session:e}=this,n=e?.segment===null||e?.segment===void 0?void 0:this.footage.segments.get(e.segment);return e!==null&&n!==void 0&&Math.abs(n.media_origin_ms-e.originMs)>ko}restart(e){let n=this.segments(),r=It(n,this.footage.damages,e),i=r===null?null:nt(n,r);if(this.pendingMs=e,this.session=null,!i)return;let o=this.buffer.remove(0,Number.POSITIVE_INFINITY).catch(()=>{});this.clearing=o,o.then(()=>{this.clearing===o&&(this.clearing=null)});let a=Ot(n,i),l=n[a.segment]?.id;l!==void 0&&(this.session={next:{id:l,chunk:a.chunk},segment:null,originMs:0})}place(){if(this.pendingMs===null||this.clearing)return;let e=this.secs(this.pendingMs);this.buffer.around(e)&&(this.pendingMs=null,this.video.currentTime=e,this.setRate(this.state.rate),this.state.playing&&this.resume())}resume(){this.video.play().catch(()=>{})}async fill(){if(!(this.filling||performance.now()<this.retryAtMs)){this.filling=!0;try{for(;!this.closed&&await this.step(););}catch{this.retryAtMs=performance.now()+xo}finally{this.filling=!1}}}async step(){let{session:e,state:n}=this;if(!e)return!1;let r=this.buffer.aheadOf(this.secs(n.atMs));if(r>20+10*n.rate)return!1;let i=this.segments(),o=i.findIndex(({id:w})=>w===e.next.id),a=i[o];if(!a)return!1;let l=i[o+1],m=Ct(a,e.next.chunk);if(!m)return l&&(e.next={id:l.id,chunk:0}),l!==void 0;if(!m.signed&&m.segment.state!=="stored"&&r>2.5)return!1;this.footage.requestCheck(a.id);let f;try{f=await this.footage.pieces(m)}catch(w){if(!(w instanceof Y)||e!==this.session)throw w;return e.next={id:a.id,chunk:a.chunks.length},!0}if(e!==this.session)return!0;let u=f.pieces.flatMap(({data:w})=>w?[w]:[]);for(let[w,M]of f.pieces.entries())this.noteTail(a,m.first+w,M.cover==="tail");let p=e.segment!==a.id;e.segment=a.id,e.originMs=a.media_origin_ms,e.next={id:a.id,chunk:m.last+1};let h=f.pieces.some(({data:w})=>!w),c=p||h?f.init:null;await this.buffer.append(f.codec,c,this.secs(a.media_origin_ms),u).catch(w=>{throw w instanceof DOMException&&w.name==="NotSupportedError"&&(this.state.unsupported=f.codec),w}),this.place();let b=this.video.currentTime-wo;return this.pendingMs===null&&b>0&&await this.buffer.remove(0,b),!0}noteTail(e,n,r){let i=e.chunks[n];if(!i)return;let o=this.tails.get(e.id),a=i.from_ms+i.duration_ms;r&&this.tails.set(e.id,{fromMs:Math.min(o?.fromMs??i.from_ms,i.from_ms),toMs:Math.max(o?.toMs??a,a)})}showSigned(){let e=this.state.atMs;this.state.unsigned=[...this.tails].some(([n,{fromMs:r,toMs:i}])=>{let o=this.footage.checks.get(n)?.signedMs??0;return r<=e&&e<i&&o<=e});for(let n of this.tails.keys())this.footage.requestCheck(n)}findGap(){let{state:e,buffer:n}=this;if(this.clearing)return;let r=this.secs(e.atMs),i=n.around(r),o=i!==null&&e.playing&&this.video.readyState<3&&i[1]-r<.3;if(i&&!o){e.gap=null;return}let a=o?this.msAt(i[1])+100:e.atMs,l=n.nextStart(r),m=this.segments(),f=It(m,this.footage.damages,a);if(l!==null&&l-r<or){this.pendingMs=null,this.video.currentTime=l+.01;return}if(f!==null&&f-e.atMs<or*1e3){this.session===null&&this.restart(e.atMs),e.gap=null,f>e.atMs&&this.pendingMs!==null&&(this.pendingMs=f+10);return}if(f===null){let u=ye(m);if(u!==null&&e.atMs-u<1500&&e.atMs>=u&&this.footage.recording.state==="recording")return;e.gap={fromMs:e.atMs,toMs:null}}else if(e.autoJump){let u={fromMs:e.atMs,toMs:f};this.go(f+10),e.jumped=u}else e.gap={fromMs:e.atMs,toMs:f}}followEdge(){let{state:e}=this;if(!e.live)return;let n=ye(this.segments());n!==null&&n-e.atMs>vo&&(this.go(n-rr),e.live=!0)}failed=()=>{if(this.closed||!this.video.error)return;let e=this.segments(),n=nt(e,this.state.atMs),r=n&&e[n.segment],i=n&&r?.chunks[n.chunk];r&&i&&this.footage.damage(r,i.from_ms,i.from_ms+i.duration_ms,"decode",this.video.error.message),this.buffer.close(),this.buffer=new Ae(this.video,nr),this.session=null,this.restart(this.state.atMs)}};var ot=class{worker=new Worker("/media-worker.js",{type:"module"});waiting=new Map;last=0;constructor(){this.worker.onerror=e=>this.rejectAll(new Error(e.message||"the media worker did not start")),this.worker.onmessage=e=>{let{id:n,answer:r,trouble:i,status:o}=e.data,a=this.waiting.get(n);this.waiting.delete(n),r?a?.resolve(r):o!==void 0?a?.reject(new U(o,i?.message??"")):a?.reject(new Y(i?.fault??"malformed",i?.message??"the media worker failed"))}}open(e){return this.ask({op:"open",...e})}pieces(e){return this.ask({op:"pieces",...e})}check(e){return this.ask({op:"check",...e})}close(){this.worker.terminate(),this.rejectAll(new DOMException("closed","AbortError"))}rejectAll(e){for(let{reject:n}of this.waiting.values())n(e);this.waiting.clear()}ask(e){let n=++this.last;return new Promise((r,i)=>{this.waiting.set(n,{resolve:r,reject:i});let o={id:n,request:e};this.worker.postMessage(o)})}};var Lt=t=>({originMs:t.media_origin_ms,fromMs:t.from_ms,toMs:t.to_ms,chunks:t.chunks}),ir=(t,e)=>Math.abs(t-e)<=3;function sr(t){let e=({originMs:r,originUs:i})=>r-Math.floor(i/1e3),[n]=t;return n===void 0||t.every(r=>ir(e(r),e(n)))||t.every(r=>ir(e(r),r.wallMinusBootMs??e(r)))}var Mo=2e3,it=class{constructor(e,n,r,i){this.recording=e;this.me=n;this.review=r;this.changed=i}recording;me;review;changed;segments=new Map;checks=new Map;damages=[];refusedCertificates=[];obstacle=null;clockSkewMs=0;client=null;revision=0;openRuns=new Set;toCheck=[];checking=!1;timer;stopped=!1;start(){this.poll()}update(e){this.recording=e,this.changed()}stop(){this.stopped=!0,clearTimeout(this.timer),this.client?.close(),this.client=null}nowMs(){return Date.now()+this.clockSkewMs}async pieces(e){let{segment:n,first:r,last:i,from:o,to:a}=e,l=n.chunks.slice(r,i+1);try{if(!this.client)throw new DOMException("closed","AbortError");let m=await this.client.pieces({segment:At(n),from:o,to:a,index:{...Lt(n),chunks:l}});for(let{fromMs:u,toMs:p,message:h}of m.differences)this.damage(n,u,p,"index",h);let f=Xn(e,m);for(let[u,p]of m.pieces.entries()){let h=l[u],c=f[u];!h||!c||(p.data=null,this.damage(n,h.from_ms,h.from_ms+h.duration_ms,c,m.trouble?.message??""))}return m}catch(m){throw m instanceof Y?this.damage(n,n.from_ms,n.to_ms,m.fault,m.message):this.report(m),m}}requestCheck(e){let n=this.segments.get(e),r=this.checks.get(e);!n||this.toCheck.includes(e)||r?.answer.trouble||r?.of===n&&(r.whole||r.answer.checkedTo>=n.size_bytes&&!_e(n))||(this.toCheck.push(e),this.runChecks())}damage(e,n,r,i,o){let{id:a,track:l,sequence:m}=e,f=p=>p.segment===a&&p.fault==="index"==(i==="index");this.damages.find(p=>f(p)&&p.fromMs<=n&&r<=p.toMs)||(this.damages=tr(this.damages,{segment:a,track:l,sequence:m,fromMs:n,toMs:r,fault:i,message:o}),this.changed())}async runChecks(){if(!this.checking){this.checking=!0;for(let e=this.toCheck[0];e!==void 0&&this.client;e=this.toCheck[0]){let n=this.segments.get(e);n&&await this.checkOne(n),this.toCheck=this.toCheck.filter(r=>r!==e)}this.checking=!1}}async checkOne(e){try{let n=await this.client.check({segment:At(e),index:Lt(e)}),r=e.chunks.filter(({offset:o,len:a})=>o+a<=n.signedTo).at(-1),i=r?r.from_ms+r.duration_ms:e.from_ms;this.checks.set(e.id,{answer:n,signedMs:i,whole:n.closing!==null,of:e}),n.trouble?this.blame(e,n):_e(e)||this.blameUnsigned(e,n);for(let{fromMs:o,toMs:a,message:l}of n.differences)this.damage(e,o,a,"index",l);this.comparePlaces(e),this.changed()}catch(n){n instanceof Y?this.damage(e,e.from_ms,e.to_ms,n.fault,n.message):this.report(n)}}blame(e,n){let{fault:r,message:i}=n.trouble,o=e.chunks.find(({offset:l,len:m})=>l+m>n.checkedTo),a=o?.from_ms??e.to_ms-1e3;this.damage(e,a,o?a+o.duration_ms:e.to_ms,r,i)}blameUnsigned(e,{signedTo:n,checkedTo:r}){let i=e.chunks.findIndex(({offset:o})=>o>=n);if(!(i<0))for(let{offset:o,from_ms:a,duration_ms:l}of e.chunks.slice(Pt(e,i)))o<r&&this.damage(e,a,a+l,"unsigned","no signature for more than 6 s")}comparePlaces(e){let n=[...this.checks].flatMap(([r,{answer:i}])=>{let o=this.segments.get(r);return o?.run===e.run?[{originMs:o.media_origin_ms,originUs:i.originUs,wallMinusBootMs:i.wallMinusBootMs}]:[]});sr(n)||this.damage(e,e.from_ms,e.to_ms,"index","the run's segments are not placed by one clock")}async poll(){try{let n=await D.segments(this.recording.id,this.revision);if(this.stopped)return;this.clockSkewMs=n.now_ms-Date.now(),this.revision=n.revision;for(let r of n.segments)this.segments.set(r.id,r);if(await this.openNewRuns(),this.stopped)return;this.noteRefused(),this.obstacle=null;for(let r of this.checks.keys())this.requestCheck(r);for(let r of this.segments.values())ie(r)&&_e(r)&&r.chunks.length===0&&this.requestCheck(r.id)}catch(n){if(this.stopped)return;this.report(n)}this.changed(),!(this.recording.state==="expired"||this.obstacle?.kind==="expired"||this.obstacle?.kind==="signed-out")&&!this.stopped&&(this.timer=setTimeout(()=>{this.poll()},Mo))}async openNewRuns(){let e=new Set([...this.segments.values()].map(({run:l})=>l));if(this.client&&[...e].every(l=>this.openRuns.has(l)))return;let n=await D.keys(this.recording.id);if(!await Ut(n.institution,this.me.institution))throw new Y("certificate","the keys belong to another institution");this.client??=new ot;let r=[...this.segments.values()].map(({from_ms:l})=>l),i=Math.min(this.recording.starts_ms,this.nowMs(),...r),o={exam:this.recording.exam.id,recording:this.recording.id,fromMs:i,toMs:Math.max(i,Math.round(this.nowMs()))},a=await this.client.open({keys:n,scope:o,review:this.review});this.refusedCertificates=a.certificates;for(let l of n.runs)this.openRuns.add(l.run);for(let{run:l,trouble:m}of a.refused)for(let f of this.segments.values())f.run===l&&this.damage(f,f.from_ms,f.to_ms,m.fault,m.message)}noteRefused(){for(let e of this.segments.values())e.state==="refused"&&this.damage(e,e.from_ms,e.to_ms,"malformed","refused by the server");if(this.recording.state!=="expired")for(let{run:e,track:n,sequence:r}of er([...this.segments.values()].filter(ie))){let i=[...this.segments.values()].filter(o=>o.run===e&&o.track===n&&o.sequence>r).sort((o,a)=>o.sequence-a.sequence)[0];if(i){let o={...i,id:-i.id,sequence:r};this.damage(o,i.from_ms-1,i.from_ms,"cut-out",`segment ${r} is not on the server`)}}}report(e){if(!(e instanceof DOMException&&e.name==="AbortError")){if(e instanceof U){let n={401:"signed-out",403:"forbidden",404:"expired",410:"expired"};this.obstacle={kind:n[e.status]??"offline"}}else this.obstacle={kind:"keys",message:e instanceof Error?e.message:String(e)};this.changed()}}};var ar="invigil.auto-jump";function lr(t,e,n,r){let i=ee(null),o=ee(null),[,a]=E(0);A(()=>{let f=i.current;if(!f)return;let u=0,p=()=>{u||=requestAnimationFrame(()=>{u=0,a(M=>M+1)})},h=new it(t,n,e,()=>{o.current?.controller.tick(),p()}),c=Je(location.hash),b=$o(t,c.page==="recording"?c.atSecs:r),w=new rt(f,h,p,{track:null,atMs:b,autoJump:Eo()});return o.current={footage:h,controller:w},h.start(),()=>{cancelAnimationFrame(u),w.close(),h.stop(),o.current=null}},[]),A(()=>o.current?.footage.update(t),[t]);let l=ee(!0);A(()=>{!l.current&&r!==null&&o.current?.controller.seek(t.starts_ms+r*1e3),l.current=!1},[r]);let m=o.current?.controller.state??null;return{video:i,state:m,footage:o.current?.footage??null,controller:o.current?.controller??null}}function $o(t,e){if(e!==null)return t.starts_ms+e*1e3;let n=t.footage.reduce((r,{from_ms:i})=>Math.min(r,i),Number.POSITIVE_INFINITY);return Number.isFinite(n)?n:t.starts_ms}function Eo(){try{return localStorage.getItem(ar)!=="off"}catch{return!0}}function ur(t){try{localStorage.setItem(ar,t?"on":"off")}catch{}}function cr(t,e){history.replaceState(null,"",`#/recording/${t}?t=${Math.floor(e)}`)}function dr({controller:t,state:e,footage:n,recording:r,offsetSecs:i,stage:o}){let a=[...new Set([...n.segments.values()].filter(ie).map(({track:u})=>u))].sort(),l=r.state==="recording"||r.state==="offline",m=u=>{ur(u),t.setAutoJump(u)},f=()=>{document.fullscreenElement?document.exitFullscreen():o.current?.querySelector(".stage")?.requestFullscreen()};return s("div",{class:"controls",children:[s("div",{class:"group",children:[s("button",{type:"button",onClick:()=>t.seek(e.atMs-1e4),"aria-label":d("player-back"),title:d("player-back"),children:"−10"}),s("button",{type:"button",class:"primary play","data-test":"play","aria-label":d(e.playing?"player-pause":"player-play"),onClick:()=>e.playing?t.pause():t.play(),children:s("svg",{viewBox:"0 0 16 16",width:"16",height:"16","aria-hidden":"true",children:s("path",{d:e.playing?"M3 2h4v12H3zM9 2h4v12H9z":"M4 2l10 6-10 6z"})})}),s("button",{type:"button",onClick:()=>t.seek(e.atMs+1e4),"aria-label":d("player-forward"),title:d("player-forward"),children:"+10"})]}),l&&s("button",{type:"button",class:e.live?"toggle on":"toggle","data-test":"live","aria-pressed":e.live,title:d("player-live-hint"),onClick:()=>t.follow(),children:[s("span",{class:"dot","aria-hidden":"true"})," ",d("player-live")]}),s("label",{class:"inline",children:[d("player-speed"),s("select",{"data-test":"speed",value:String(e.rate),onChange:u=>t.setRate(Number(u.currentTarget.value)),children:be.map(u=>s("option",{value:String(u),children:[u,"×"]},u))})]}),a.length>1&&s("label",{class:"inline",children:[d("player-track"),s("select",{"data-test":"track",value:e.track??"",onChange:u=>t.setTrack(u.currentTarget.value),children:a.map(u=>s("option",{value:u,children:u},u))})]}),s(So,{controller:t,atMs:e.atMs,exampleMs:r.starts_ms,offsetSecs:i}),s("label",{class:"inline check",children:[s("input",{type:"checkbox","data-test":"auto-jump",checked:e.autoJump,onChange:u=>m(u.currentTarget.checked)}),d("player-auto-jump")]}),s("button",{type:"button",onClick:f,children:d("player-fullscreen")})]})}function So(t){let{controller:e,atMs:n,exampleMs:r,offsetSecs:i}=t,[o,a]=E(""),[l,m]=E(!1);return s("form",{class:"inline go-to",onSubmit:u=>{u.preventDefault();let p=Vn(o,n,i);m(p===null),p!==null&&(e.seek(p),a(""))},children:[s("label",{class:"inline",children:[d("player-go-to"),s("input",{name:"time",class:"time",inputMode:"numeric",autocomplete:"off",placeholder:P(r,i),value:o,"aria-invalid":l,"aria-describedby":l?"go-wrong":void 0,onInput:u=>a(u.currentTarget.value)})]}),s("button",{type:"submit",children:d("player-go")}),l&&s("span",{class:"field-error",id:"go-wrong",role:"alert",children:d("player-go-wrong",{example:P(r,i)})})]})}function mr({footage:t,offsetSecs:e,onSeek:n}){let r=[...t.segments.values()].filter(ie),i=r.filter(({id:o})=>t.checks.get(o)?.whole).length;return s(I,{children:[t.damages.length>0&&s("section",{class:"message bad",role:"alert","data-test":"damaged","aria-labelledby":"damaged-title",children:[s("h2",{id:"damaged-title",children:d("player-damaged")}),s("ul",{children:t.damages.map(o=>s("li",{children:s("button",{type:"button",class:"link",onClick:()=>n(o.fromMs-3e3),children:d("player-damage",{segment:o.sequence,track:o.track,from:P(o.fromMs,e),to:P(o.toMs,e),fault:z(`fault-${o.fault}`,"fault-malformed")})})},`${o.segment} ${o.fromMs} ${o.fault}`))})]}),t.refusedCertificates.length>0&&s("details",{class:"message warn",children:[s("summary",{children:d("player-certificates",{count:t.refusedCertificates.length})}),s("ul",{children:t.refusedCertificates.map((o,a)=>s("li",{children:o},a))})]}),r.length>0&&s("p",{class:"hint","data-test":"verified",children:d("player-verified",{checked:i,total:r.length})})]})}var fr="invigil.institution";function To(){try{return localStorage.getItem(fr)}catch{return null}}function Ro(t){try{localStorage.setItem(fr,t)}catch{}}function pr({me:t}){let[e,n]=E(""),[r,i]=E(!1),[o,a]=E(null),[l,m]=E(()=>[null,t.institution].includes(To()));return s("form",{class:"card unlock",onSubmit:async u=>{u.preventDefault(),i(!0),a(null);try{let p=await W.unlock(e);p==="open"?Ro(t.institution):a(p==="no-key"?d("unlock-none"):d("unlock-wrong"))}catch(p){a(p instanceof U?oe(p):d("unlock-failed",{message:p instanceof Error?p.message:String(p)}))}finally{n(""),i(!1)}},"aria-labelledby":"unlock-title",children:[s("h2",{id:"unlock-title",children:d("unlock-title")}),s("p",{children:d("unlock-lead")}),s(Nt,{me:t}),l?s(I,{children:[s("label",{children:[d("unlock-passphrase"),s("input",{name:"passphrase",type:"password",autocomplete:"off",required:!0,disabled:r,value:e,onInput:u=>n(u.currentTarget.value),"aria-describedby":o?"unlock-error":void 0})]}),s("p",{class:"live-region",role:"status",children:r&&d("unlock-busy")}),r&&s("progress",{"aria-label":d("unlock-busy")}),o&&s("p",{class:"message bad",role:"alert",id:"unlock-error",children:o}),s("button",{type:"submit",class:"primary",disabled:r,children:d("unlock-submit")})]}):s("div",{class:"message bad",role:"alert",children:[s("p",{children:d("institution-changed")}),s("button",{type:"button",onClick:()=>m(!0),children:d("institution-accept")})]})]})}function Nt({me:t}){return s("div",{class:"institution",children:[s("span",{children:d("institution")}),s("code",{children:t.institution.replace(/(.{4})(?=.)/g,"$1 ")}),s("small",{class:"hint",children:d("institution-hint")})]})}var Co=1e4;function gr({recording:t,review:e,me:n,atSecs:r,onSignedOut:i}){let{video:o,state:a,footage:l,controller:m}=lr(t,e,n,r),f=ee(null),u=t.exam.utc_offset_secs,p=a?.atMs??t.starts_ms,h=l?.nowMs()??t.now_ms,c=Math.floor(h/1e3),b=$e(()=>et(t,l?.segments.values()??[],l?.damages??[],h),[t,l?.damages,l?.segments.size,c]);A(()=>f.current?.focus({preventScroll:!0}),[]),A(()=>{l?.obstacle?.kind==="signed-out"&&i()},[l?.obstacle]),A(()=>{let k=setInterval(()=>{let v=m?.state;v&&document.visibilityState==="visible"&&cr(t.id,(v.atMs-t.starts_ms)/1e3)},2e3);return()=>clearInterval(k)},[m]),A(()=>{if(!a?.jumped)return;let k=setTimeout(()=>m?.dismiss(),Co);return()=>clearTimeout(k)},[a?.jumped]);let w=k=>m?.seek(k),M=()=>a?.playing?m?.pause():m?.play();return s("section",{ref:f,class:"player",tabIndex:-1,"aria-label":d("player-title"),onKeyDown:k=>m&&Po(k,m,t,l,f.current),children:[s("div",{class:"stage",children:[s("video",{ref:o,muted:!0,playsInline:!0,disablePictureInPicture:!0,"aria-label":d("player-video",{who:t.who}),onClick:M}),s("div",{class:"stage-top",children:[s("span",{class:"stage-time","data-test":"clock",children:[ne(p,u)," ",P(p,u)]}),a?.live&&s("span",{class:"chip live",children:d("player-live")}),a?.unsigned&&s("span",{class:"chip warn","data-test":"unsigned",children:d("player-unsigned")})]}),s(Ao,{footage:l,controller:m,recording:t,offsetSecs:u})]}),m&&a&&l&&s(dr,{controller:m,state:a,footage:l,recording:t,offsetSecs:u,stage:f}),s("div",{class:"live-region",role:"status","data-test":"notice",children:a?.jumped&&s("p",{class:"message warn notice",children:[d("player-jumped",{length:G(a.jumped.toMs-a.jumped.fromMs),from:P(a.jumped.fromMs,u),to:P(a.jumped.toMs,u),cause:hr(t,l,a.jumped.fromMs,a.jumped.toMs)}),s("button",{type:"button",class:"small",onClick:()=>m?.dismiss(),"aria-label":d("close"),children:"×"})]})}),s(tt,{model:b,atMs:p,offsetSecs:u,deadlineOffsetSecs:Ce(t),onSeek:w}),l&&s(mr,{footage:l,offsetSecs:u,onSeek:w}),s(Qe,{model:b,offsetSecs:u,onSeek:w}),s(Nt,{me:n}),s("p",{class:"hint",children:d("player-keys")})]})}function Ao(t){let{footage:e,controller:n,recording:r,offsetSecs:i}=t,o=n?.state;if(!e||!o)return null;if(e.obstacle){let{obstacle:a}=e;return s("p",{class:"stage-message",role:"alert",children:a.kind==="keys"?d("error-keys",{message:a.message}):d(`error-${a.kind}`)})}if(o.unsupported)return s("p",{class:"stage-message",role:"alert",children:d("player-unsupported",{codec:o.unsupported})});if(o.track===null)return s("p",{class:"stage-message",role:"status",children:d("player-no-footage")});if(o.gap){let{fromMs:a,toMs:l}=o.gap;return l===null?s("p",{class:"stage-message",role:"status",children:d(r.state==="recording"||r.state==="offline"?"player-gap-wait":"player-gap-end")}):s("div",{class:"stage-message",role:"status",children:[s("p",{children:d("player-gap",{cause:hr(r,e,a,l)})}),s("button",{type:"button",onClick:()=>n?.seek(l+10),children:d("player-gap-jump",{time:P(l,i)})})]})}return o.waiting?s("p",{class:"stage-message quiet",role:"status",children:d("player-checking")}):null}function hr(t,e,n,r){let i=(a,l)=>a<r&&l>n;if(e?.damages.some(a=>i(a.fromMs,a.toMs)))return d("cause-damaged");let o=t.missing.filter(({from_ms:a,to_ms:l})=>i(a,l)).sort((a,l)=>Math.min(l.to_ms,r)-Math.max(l.from_ms,n)-(Math.min(a.to_ms,r)-Math.max(a.from_ms,n)))[0];return o?z(`cause-${o.cause}`,"cause-unknown"):d(t.footage.some(({from_ms:a,to_ms:l})=>i(a,l))?"cause-other-track":"cause-unknown")}function Po(t,e,n,r,i){let o=t.target;if(t.ctrlKey||t.altKey||t.metaKey||o.closest("input, select, textarea"))return;let{state:a}=e,l=p=>e.seek(a.atMs+p*1e3),m=p=>e.setRate(be[Math.min(be.length-1,Math.max(0,be.indexOf(a.rate)+p))]??1),f={k:()=>a.playing?e.pause():e.play(),j:()=>l(-10),l:()=>l(10),ArrowLeft:()=>l(t.shiftKey?-60:-5),ArrowRight:()=>l(t.shiftKey?60:5),Home:()=>e.seek(Math.min(n.starts_ms,...n.footage.map(({from_ms:p})=>p))),End:()=>ye([...r?.segments.values()??[]])===null?void 0:e.follow(),"<":()=>m(-1),">":()=>m(1),f:()=>{document.fullscreenElement?document.exitFullscreen():i?.querySelector(".stage")?.requestFullscreen()}};if(t.key===" "&&o.closest("button, a, summary"))return;let u=t.key===" "?f.k:f[t.key]??f[t.key.toLowerCase()];u&&(t.preventDefault(),u())}var Oo=5e3;function _r({exam:t,onSignedOut:e}){let n=async()=>{let[o,a]=await Promise.all([D.recordings(t),D.exams()]);return{recordings:o,exam:a.find(l=>l.id===t)??o[0]?.exam??null}},{value:r,error:i}=he(n,Oo,[t]);return re(r?.exam?.title??d("recordings-title")),s(I,{children:[s("nav",{children:s("a",{href:"#/",children:["← ",d("exams-title")]})}),r?.exam&&s(I,{children:[s("div",{class:"card-head",children:[s("h1",{children:r.exam.title}),s(Et,{exam:r.exam})]}),s(St,{exam:r.exam})]}),s("h2",{children:d("recordings-title")}),s(de,{error:i,empty:!r,onSignedOut:e}),r?.recordings.length===0&&s("p",{class:"hint",children:d("recordings-none")}),s("ul",{class:"cards",children:r?.recordings.map(o=>s("li",{class:"card",children:[s("div",{class:"card-head",children:[s("h3",{children:s("a",{href:`#/recording/${o.id}`,children:o.who})}),s(Ft,{recording:o})]}),s(Zn,{recording:o}),s(Dt,{recording:o})]},o.id))})]})}function Ft({recording:t}){return s(ce,{tone:{waiting:"plain",recording:"live",offline:"warn",finished:"good",expired:"bad"}[t.state]??"plain",children:d(`recording-state-${t.state}`)})}function Dt({recording:t}){let e=t.exam.utc_offset_secs,n=t.last_contact_ms;return s(Xe,{rows:[[d(`recording-kind-${t.kind}`),t.who],[d("recording-recorded"),G(t.recorded_ms)],[d("recording-size"),d("size-mb",{mb:Io(t.size_bytes)})],[d("recording-outages"),String(t.outages.length)],[d("recording-last-contact"),n===null?d("never"):j(n,e,!0)]]})}function Io(t){let e=(t/1e6).toFixed(1);return ue()==="en"?e:e.replace(".",",")}var Lo=3e3;function yr({id:t,atSecs:e,me:n,onSignedOut:r}){let i=Ze(),{value:o,error:a}=he(()=>D.recording(t),Lo,[t]),l=$e(()=>o&&et(o,[],[],o.now_ms),[o]);if(re(o?.who??d("player-title")),!o||!l)return s(de,{error:a,empty:!0,onSignedOut:r});let m=o.exam.utc_offset_secs;return s(I,{children:[s("nav",{children:s("a",{href:`#/exam/${o.exam.id}`,children:["← ",o.exam.title]})}),s("div",{class:"card-head",children:[s("h1",{children:o.who}),s(Ft,{recording:o}),s("span",{class:"hint",children:Ye(o.starts_ms,o.ends_ms,m)})]}),s(de,{error:a,empty:!1,onSignedOut:r}),s(Yn,{recording:o}),i&&o.state!=="expired"?s(gr,{recording:o,review:i,me:n,atSecs:e,onSignedOut:r}):s(I,{children:[o.state==="expired"?s("p",{class:"message plain",children:d("error-expired")}):s(pr,{me:n}),s(tt,{model:l,atMs:null,offsetSecs:m,deadlineOffsetSecs:Ce(o),onSeek:null}),s(Qe,{model:l,offsetSecs:m,onSeek:null})]}),s(Dt,{recording:o})]})}function br(){let t=Bn(),e=Un(),[n,r]=E(null),[i,o]=E(!1),[a,l]=E(null),[m,f]=E([]);A(()=>{Nn(),Fn().then(f),D.me().then(r).catch(c=>{c instanceof U&&c.status!==401&&l(c)}).finally(()=>o(!0))},[]);let u=()=>{W.lock(),r(null)},p=()=>{D.logout().catch(()=>{}),u(),location.hash="#/"};return s(I,{children:[s("a",{class:"skip",href:"#main",onClick:c=>{c.preventDefault(),document.getElementById("main")?.focus()},children:d("skip-to-content")}),s(No,{me:n,language:t,onSignOut:p}),s("main",{id:"main",tabIndex:-1,children:[m.length>0&&s("p",{class:"message bad",role:"alert",children:d("browser-lacks",{features:m.join(", ")})}),a&&s("p",{class:"message bad",role:"alert",children:oe(a)}),!i&&s("p",{class:"hint",role:"status",children:d("loading")}),i&&!n&&s(Hn,{onSignedIn:c=>(l(null),r(c))}),n&&e.page==="exams"&&s(qn,{onSignedOut:u}),n&&e.page==="exam"&&s(_r,{exam:e.id,onSignedOut:u}),n&&e.page==="recording"&&s(yr,{id:e.id,atSecs:e.atSecs,me:n,onSignedOut:u},e.id)]})]})}function No({me:t,language:e,onSignOut:n}){return s("header",{children:[s("a",{class:"brand",href:"#/",children:[s("svg",{viewBox:"0 0 32 32",width:"28",height:"28","aria-hidden":"true",children:[s("rect",{class:"brand-ground",width:"32",height:"32",rx:"7"}),s("path",{class:"brand-line",d:"M5 16c3-5 6.700-7.500 11-7.500S24 11 27 16c-3 5-6.700 7.500-11 7.500S8 21 5 16z"}),s("circle",{class:"brand-dot",cx:"16",cy:"16",r:"3.600"})]}),s("span",{children:[d("app-name"),s("small",{children:t?.organisation??d("app-title")})]})]}),s("div",{class:"header-end",children:[t&&s(Fo,{}),t&&s("span",{class:"who",title:d("signed-in-as",{name:t.name,role:z(`role-${t.role}`,"role-unknown")}),children:t.name}),s("label",{class:"language",children:[s("span",{class:"sr",children:d("language")}),s("select",{value:e,onChange:r=>wn(r.currentTarget.value),children:bt.map(({code:r,name:i})=>s("option",{value:r,lang:r,children:i},r))})]}),t&&s("button",{type:"button",onClick:n,children:d("sign-out")})]})]})}function Fo(){let t=Ze(),[e,n]=E(null);return A(()=>{let r=setInterval(()=>n(Ln()),1e3);return()=>clearInterval(r)},[]),t?s("span",{class:"lock",children:[s("span",{class:"chip good",children:e===null?d("unlocked"):d("locks-soon",{seconds:Math.ceil(e/1e3)})}),s("button",{type:"button","data-test":"lock",onClick:()=>W.lock(),children:d("lock")})]}):null}document.documentElement.lang=ue();var wr=document.getElementById("app");wr&&en(s(br,{}),wr);
